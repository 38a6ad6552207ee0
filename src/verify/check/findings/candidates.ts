import { knownModels } from '../../../routing-options.ts';
import type { Finding } from '../finding.ts';
import { finding, type Judge } from '../subject.ts';

/** Candidates that stand there twice, that are no model, or that take no requests. */
export const candidateFindings: Judge = (subject) => {
  const { config, space } = subject;
  const known = knownModels(space.policy.models.map(({ name }) => name));
  const findings: Finding[] = [];
  space.policy.rules.forEach(({ name: rule, targets, fallback }, index) => {
    const seen = new Set<string>();
    for (const [list, names] of [
      ['targets', targets],
      ['fallback', fallback],
    ] as const) {
      names.forEach((model, place) => {
        const where = `rules[${index}].${list}[${place}]`;
        const common = { where, rule, models: [model], path: [] };
        if (!Object.hasOwn(config.models, model)) {
          const near = known.nearest(model);
          findings.push(
            finding(subject, 'unknown_target', {
              ...common,
              message: `Rule '${rule}' names '${model}', which is no model.`,
              remedy: `${near === undefined ? '' : `Did you mean '${near}'? `}Name one of ${known.text}, or add '${model}' to the models.`,
            }),
          );
        } else if (!known.has(model)) {
          findings.push(
            finding(subject, 'unreachable_target', {
              ...common,
              message: `Rule '${rule}' names '${model}', which serves embeddings and takes no other request.`,
              remedy: `Take it out of the rule, or let '${model}' serve chat.`,
            }),
          );
        } else if (seen.has(model)) {
          findings.push(
            finding(subject, 'duplicate_candidate', {
              ...common,
              message: `Rule '${rule}' names '${model}' twice: what it refused once it would be asked again at once.`,
              remedy: `Name it once.`,
            }),
          );
        }
        seen.add(model);
      });
    }
  });
  return findings;
};
