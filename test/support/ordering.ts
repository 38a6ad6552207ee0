import fc from 'fast-check';
import { expect } from 'vitest';
import { nextRandom } from '../../src/random.ts';
import type { Ordered, RequestFigures, StrategyMemory, TargetFigures } from '../../src/routing/strategies/ordering.ts';
import { orderTargets, type Strategy } from '../../src/routing/strategy.ts';

export const IDLE: TargetFigures = { weight: 1, waiting: 0, running: 0, limit: 1, ewmaMs: null, pricing: null };
export const REQUEST: RequestFigures = { promptTokens: 1_000, maxTokens: null };
export const FRESH: StrategyMemory = { seed: 7, turns: {} };

/** Targets by name, as they are declared; null: removed. */
export type Declared = Readonly<Record<string, Partial<TargetFigures> | null>>;

export function order(
  strategy: Strategy,
  declared: Declared,
  memory = FRESH,
  request = REQUEST,
  ruleName = 'rule',
): Ordered {
  const figuresOf = (model: string) => {
    const given = declared[model];
    return given ? { ...IDLE, ...given } : undefined;
  };
  return orderTargets(strategy, ruleName, Object.keys(declared), figuresOf, request, memory);
}

/** What `count` requests in a row are given. */
export function orders(strategy: Strategy, declared: Declared, count: number, memory = FRESH): (readonly string[])[] {
  const results: (readonly string[])[] = [];
  let current = memory;
  for (let index = 0; index < count; index++) {
    const ordered = order(strategy, declared, current);
    results.push(ordered.order);
    current = ordered.memory;
  }
  return results;
}

export function drawsBetween(before: number, after: number): number {
  let seed = before;
  for (let draws = 0; draws <= 20; draws++) {
    if (seed === after) return draws;
    seed = nextRandom(seed).seed;
  }
  throw new Error('more than 20 draws');
}

export function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Within five standard deviations of what a binomial distribution is expected to give. */
export function expectShare(count: number, trials: number, probability: number): void {
  const deviation = Math.sqrt(trials * probability * (1 - probability));
  expect(Math.abs(count - trials * probability)).toBeLessThanOrEqual(5 * deviation);
}

/** Whether one is asked before the other by these scores, equal ones as they are declared. */
export function expectAscending(
  given: readonly string[],
  declared: Declared,
  scoreOf: (target: TargetFigures) => number,
): void {
  const names = Object.keys(declared);
  const score = (name: string) => scoreOf(declared[name] as TargetFigures);
  given.forEach((earlier, place) => {
    for (const later of given.slice(place + 1)) {
      const isRight =
        score(earlier) < score(later) ||
        (score(earlier) === score(later) && names.indexOf(earlier) < names.indexOf(later));
      expect(isRight, `${earlier} before ${later}`).toBe(true);
    }
  });
}

// Few different values, so that ties are common.
const amount = fc.integer({ min: 0, max: 4 });
const figures = fc.record<TargetFigures>({
  weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
  waiting: amount,
  running: amount,
  limit: fc.integer({ min: 1, max: 4 }),
  ewmaMs: fc.option(fc.constantFrom(0, 50, 100, 250.5)),
  pricing: fc.option(
    fc.record({ inputPerMillion: fc.constantFrom(0, 1, 3), outputPerMillion: fc.constantFrom(0, 2, 15) }),
  ),
});
const declaredWith = (target: fc.Arbitrary<TargetFigures | null>) =>
  fc
    .array(target, { maxLength: 8 })
    .map((list): Declared => Object.fromEntries(list.map((given, index) => [`m${index}`, given])));
export const allKnown = declaredWith(figures);
export const someRemoved = declaredWith(fc.option(figures, { freq: 3 }));
export const memories = fc.record({
  seed: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  turns: fc.dictionary(fc.constantFrom('rule', 'other', 'constructor'), fc.nat()),
});
export const requests = fc.record({
  promptTokens: fc.integer({ min: 1, max: 5_000 }),
  maxTokens: fc.option(fc.nat(5_000)),
});
