import { pathText } from '../../../config/place.ts';
import { PRIORITY_CLASSES } from '../../../queue/priority.ts';
import type { Policy } from '../../policy.ts';
import type { Finding, PolicyReport } from '../finding.ts';
import { candidatesOf } from '../routes.ts';

export interface Node {
  readonly id: string;
  readonly label: string;
  readonly findings: readonly Finding[];
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly isFallback: boolean;
  readonly findings: readonly Finding[];
}

/** What a picture of a policy consists of. Each finding stands at one place; what has none, at a node of its own. */
export function partsOf(
  { findings, classes }: PolicyReport,
  { models, rules }: Policy,
): { readonly nodes: readonly Node[]; readonly edges: readonly Edge[] } {
  const left = new Set(findings);
  const take = (isHere: (finding: Finding) => boolean): readonly Finding[] => {
    const here = [...left].filter(isHere);
    for (const finding of here) left.delete(finding);
    return here;
  };
  const names = [...new Set([...models.map(({ name }) => name), ...rules.flatMap(candidatesOf)])];
  const modelId = (name: string): string => `model_${names.indexOf(name)}`;
  const edges: Edge[] = rules.flatMap((rule, index) =>
    candidatesOf(rule).map((model, at) => {
      const isFallback = at >= rule.targets.length;
      const place = isFallback ? `fallback[${at - rule.targets.length}]` : `targets[${at}]`;
      return {
        from: `rule_${index}`,
        to: modelId(model),
        label: `${at + 1}`,
        isFallback,
        findings: take(({ where }) => where === `rules[${index}].${place}`),
      };
    }),
  );
  const unruled = classes.filter(({ rule }) => rule === null);
  if (unruled.length > 0) {
    for (const [at, { name }] of models.entries()) {
      edges.push({ from: 'no_rule', to: modelId(name), label: `${at + 1}`, isFallback: false, findings: [] });
    }
  }
  for (const { rule, class: name } of classes) {
    const index = rules.findIndex((one) => one.name === rule);
    edges.push({
      from: `class_${name}`,
      to: rule === null ? 'no_rule' : `rule_${index}`,
      label: '',
      isFallback: false,
      findings: [],
    });
  }
  const used = PRIORITY_CLASSES.filter((name) => classes.some((one) => one.class === name));
  const nodes: Node[] = [
    ...used.map((name) => ({ id: `class_${name}`, label: name, findings: [] })),
    ...rules.map((rule, index) => ({
      id: `rule_${index}`,
      label: rule.name,
      findings: take(({ where }) => isWithin(where, `rules[${index}]`)),
    })),
    ...(unruled.length > 0
      ? [{ id: 'no_rule', label: 'no rule', findings: take(({ where }) => where === 'models') }]
      : []),
    ...names.map((name) => ({
      id: modelId(name),
      label: models.some((model) => model.name === name) ? name : `${name} (no such model)`,
      findings: take(({ where }) => isWithin(where, pathText(['models', name]))),
    })),
  ];
  if (left.size > 0) nodes.push({ id: 'policy', label: 'policy', findings: [...left] });
  return { nodes, edges };
}

const isWithin = (where: string, place: string): boolean =>
  where === place || where.startsWith(`${place}.`) || where.startsWith(`${place}[`);
