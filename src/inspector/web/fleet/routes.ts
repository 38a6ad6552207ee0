import { PRIORITY_CLASSES, type PriorityClass } from '../../../queue/priority.ts';
import type { RuleInfo } from '../../protocol.ts';
import { modelId } from '../ids.ts';

/** Where requests come from in the graph: a priority, or a rule that matches more than a priority. */
export interface Source {
  /** `priority:high`, `rule:gold`. */
  readonly id: string;
  /** null: it is a rule. */
  readonly priority: PriorityClass | null;
  readonly label: string;
  /** What the rule matches, in words; of a priority, the rule that it has. */
  readonly detail: string;
}

/** A way that the rules allow. */
export interface Way {
  /** A source's id, or of a fallback a model's (`model:gpu`). */
  readonly from: string;
  readonly to: string;
}

export interface Routes {
  readonly sources: readonly Source[];
  readonly targets: readonly Way[];
  /** From a model to the one that is asked when it does not serve. */
  readonly fallbacks: readonly Way[];
  /** The models' names, from those that the first rules ask first to those that no rule names. */
  readonly order: readonly string[];
  /** What all this follows from. */
  readonly rules: readonly RuleInfo[];
}

const priorityId = (priority: PriorityClass): string => `priority:${priority}`;
const ruleId = (name: string): string => `rule:${name}`;

/** Where requests of a priority are drawn to come from that a rule has sent on (null: none matched). */
export function sourceId({ sources }: Routes, rule: string | null, priority: PriorityClass): string {
  const own = rule === null ? undefined : sources.find(({ id }) => id === ruleId(rule));
  return own?.id ?? priorityId(priority);
}

/** Whether a model that was called first is one of its rule's fallbacks: the targets took nothing then. */
export const isStandIn = (rules: readonly RuleInfo[], rule: string | null, model: string): boolean =>
  rules.find(({ name }) => name === rule)?.fallback.includes(model) === true;

/** What a request that no rule matches is offered: every model, in order of registration. */
const everyModel = (models: readonly string[]) => ({ targets: models, fallback: [], strategy: 'ordered' }) as const;
/** How a rule says that it matches every request. */
const ANY = 'any';

type Chain = Pick<RuleInfo, 'targets' | 'fallback' | 'strategy'>;

export function routesOf(rules: readonly RuleInfo[], models: readonly string[]): Routes {
  const more = rules.filter(({ priority, match }) => priority === null && match !== ANY);
  const chains: { readonly source: Source; readonly chain: Chain | null }[] = [
    ...PRIORITY_CLASSES.map((priority) => {
      const own = rules.find((rule) => rule.priority === priority || rule.match === ANY);
      // Where a rule matches more than a priority, what has no rule of its own may be its, or nobody's.
      const chain = own ?? (more.length === 0 ? everyModel(models) : null);
      const detail =
        own !== undefined ? `rule ${own.name}` : chain === null ? 'no rule of its own' : 'no rule: every model';
      return { source: { id: priorityId(priority), priority, label: priority, detail }, chain };
    }),
    ...more.map((rule) => ({
      source: { id: ruleId(rule.name), priority: null, label: rule.name, detail: rule.match },
      chain: rule,
    })),
  ];
  const asked = chains.map(({ chain }) => among(chain, models));
  return {
    sources: chains.map(({ source }) => source),
    targets: chains.flatMap(({ source }, index) =>
      asked[index]!.targets.map((to) => ({ from: source.id, to: modelId(to) })),
    ),
    fallbacks: distinct(asked.flatMap(handedOn).map(([from, to]) => ({ from: modelId(from), to: modelId(to) }))),
    order: [
      ...new Set([...asked.flatMap(({ targets }) => targets), ...asked.flatMap(({ fallback }) => fallback), ...models]),
    ],
    rules,
  };
}

/** Without the models that are not there. */
function among(chain: Chain | null, models: readonly string[]): Chain {
  const { targets, fallback, strategy } = chain ?? everyModel([]);
  const isThere = (name: string): boolean => models.includes(name);
  return { targets: targets.filter(isThere), fallback: fallback.filter(isThere), strategy };
}

/** Who hands on to whom. The order of targets is only known where the strategy is to keep it. */
function handedOn({ targets, fallback, strategy }: Chain): (readonly [string, string])[] {
  const line = strategy === 'ordered' ? [...targets, ...fallback] : fallback;
  const along = line.slice(1).map((to, index) => [line[index]!, to] as const);
  const first = fallback[0];
  return strategy === 'ordered' || first === undefined
    ? along
    : [...targets.map((from) => [from, first] as const), ...along];
}

const distinct = (ways: readonly Way[]): Way[] => [
  ...new Map(ways.map((way) => [JSON.stringify([way.from, way.to]), way])).values(),
];
