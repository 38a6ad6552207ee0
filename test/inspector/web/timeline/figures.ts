import type { Mark, Sample } from '../../../../src/inspector/protocol.ts';

/** A second in which nothing has happened. */
export const second = (at: number, figures: Partial<Sample> = {}): Sample => ({
  model: 'a',
  at,
  depth: 0,
  breaker: 'closed',
  control: 'active',
  limited: false,
  ...figures,
});

/** So many seconds after one another, the first ending at `from`. */
export const seconds = (from: number, count: number, figures: Partial<Sample> = {}): Sample[] =>
  Array.from({ length: count }, (_, index) => second(from + index * 1_000, figures));

type BreakerMark = Extract<Mark, { kind: 'breaker' }>;

export const changed = (at: number, from: BreakerMark['from'], to: BreakerMark['to']): BreakerMark => ({
  n: at,
  at,
  kind: 'breaker',
  model: 'a',
  from,
  to,
  cause: 'failures',
  openForMs: null,
  opens: 0,
});
