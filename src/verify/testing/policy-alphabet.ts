import { PRIORITY_CLASSES, type PriorityClass } from '../../queue/priority.ts';
import type { MetadataMatch, Scalar } from '../../routing/match.ts';
import type { Policy } from '../policy.ts';
import { meets } from './policy-model/match.ts';
import type { PolicyAlphabet, RequestKind } from './policy-specification.ts';

/**
 * What can happen under a policy, at its smallest: of each rule, and of what no rule matches, one request of the most
 * and one of the least important class, and one more for each other value of its metadata; every way for a call to end; callers that leave; an operator who pauses,
 * resumes, forces open and resets.
 */
export function alphabetOf(policy: Policy): PolicyAlphabet {
  const mayRetry = [policy, ...policy.rules].some(({ maxRetries }) => maxRetries !== null && maxRetries > 0);
  return {
    requests: requestsOf(policy),
    // What fails for good and what fails in passing differ only by the retry.
    outcomes: ['succeeded', 'failed', ...(mayRetry ? (['refused'] as const) : []), 'ignored', 'rate_limited'],
    cancels: true,
    operator: ['pause', 'resume', 'breaker.force_open', 'breaker.reset'],
  };
}

function requestsOf({ rules }: Policy): readonly RequestKind[] {
  const kinds = [...rules.map(({ match }) => match.metadata), undefined].flatMap((metadata) =>
    PRIORITY_CLASSES.map(
      (priority): RequestKind => (metadata === undefined ? { priority } : { priority, metadata: exampleOf(metadata) }),
    ),
  );
  const takerOf = (kind: RequestKind): number => rules.findIndex(({ match }) => meets(kind, match));
  const firstOfEach = [...rules.keys(), -1].flatMap((rule) => {
    const taken = kinds.filter((kind) => takerOf(kind) === rule);
    const byRank = (wanted: PriorityClass): RequestKind => taken.find(({ priority }) => priority === wanted)!;
    const classes = PRIORITY_CLASSES.filter((priority) => taken.some((kind) => kind.priority === priority));
    return [...new Set([classes.at(0), classes.at(-1)])].flatMap((priority) => (priority ? [byRank(priority)] : []));
  });
  const ofOtherValues = rules.flatMap(({ match }, rule) =>
    otherExamplesOf(match.metadata ?? {}).flatMap((metadata) => {
      const kinds = PRIORITY_CLASSES.map((priority): RequestKind => ({ priority, metadata }));
      return kinds.find((kind) => takerOf(kind) === rule) ?? [];
    }),
  );
  return [...firstOfEach, ...ofOtherValues];
}

/** The same with one value after the other in place of the first of its list. */
function otherExamplesOf(conditions: Readonly<Record<string, MetadataMatch>>): Readonly<Record<string, Scalar>>[] {
  const example = exampleOf(conditions);
  return Object.entries(conditions).flatMap(([key, wanted]) =>
    Array.isArray(wanted) ? wanted.slice(1).map((value: Scalar) => ({ ...example, [key]: value })) : [],
  );
}

/** Metadata that meets the conditions. */
const exampleOf = (conditions: Readonly<Record<string, MetadataMatch>>): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(Object.entries(conditions).map(([key, wanted]) => [key, exampleFor(wanted)]));

function exampleFor(wanted: MetadataMatch): Scalar {
  if (typeof wanted !== 'object') return wanted;
  return 'prefix' in wanted ? wanted.prefix : (wanted[0] ?? '');
}
