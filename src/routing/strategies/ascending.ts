import type { KnownTarget, TargetFigures } from './ordering.ts';

/** The targets from the lowest score to the highest, equal ones as they are declared. */
export function ascending(
  targets: readonly KnownTarget[],
  scoreOf: (figures: TargetFigures) => number,
): readonly string[] {
  return targets
    .map(({ model, figures }) => ({ model, score: scoreOf(figures) }))
    .sort((a, b) => compare(a.score, b.score))
    .map(({ model }) => model);
}

/** A difference would not do: that of two infinite scores is no number. */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
