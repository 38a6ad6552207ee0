import type { Finding } from '../finding.ts';
import { finding, type Judge, quoted } from '../subject.ts';

/** Candidates that stand there twice, that are no model, or that take no requests. */
export const candidateFindings: Judge = (subject) => {
  const { config, space } = subject;
  const known = Object.keys(config.models);
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
        if (!known.includes(model)) {
          findings.push(
            finding(subject, 'unknown_target', {
              ...common,
              message: `Rule '${rule}' names '${model}', which is no model.`,
              remedy: `Name one of ${quoted(known)}, or add '${model}' to the models.`,
            }),
          );
        } else if (config.models[model]!.serves === 'embeddings') {
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
