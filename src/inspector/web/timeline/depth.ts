import type { Sample } from '../../protocol.ts';

/** Two samples that are farther apart have unwatched seconds between them. */
const MOST_APART_MS = 1_900;
const SECOND_MS = 1_000;

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Where time becomes pixels, and how many make a full queue. */
export interface DepthScale {
  readonly from: number;
  readonly to: number;
  readonly pxPerMs: number;
  readonly height: number;
  readonly maxDepth: number;
}

/** The pieces of a time in which nobody watched. */
export function unwatched(samples: readonly Sample[], from: number, to: number): Stretch[] {
  const stretches: Stretch[] = [];
  let seenTo = Number.NEGATIVE_INFINITY;
  for (const { at } of samples) {
    if (at - seenTo > MOST_APART_MS) stretches.push({ from: seenTo, to: at - SECOND_MS });
    seenTo = at;
  }
  stretches.push({ from: seenTo, to: Number.POSITIVE_INFINITY });
  return stretches
    .map((stretch) => ({ from: Math.max(from, stretch.from), to: Math.min(to, stretch.to) }))
    .filter((stretch) => stretch.to - stretch.from > MOST_APART_MS);
}

/** The depth of a queue as the outline of an area in SVG, broken where nobody watched; at most a point for each pixel. */
export function depthPath(samples: readonly Sample[], { from, to, pxPerMs, height, maxDepth }: DepthScale): string {
  const parts: string[] = [];
  let lastAt = Number.NEGATIVE_INFINITY;
  let x = 0;
  let deepest = 0;
  const flush = (): void => {
    parts.push(`L${x} ${yOf(deepest)}`);
  };
  const yOf = (depth: number): number =>
    depth === 0 ? height : Math.min(height - 1, Math.round(height * 10 * (1 - Math.min(1, depth / maxDepth))) / 10);
  for (const { at, depth } of samples) {
    if (at < from - MOST_APART_MS || at > to + MOST_APART_MS) continue;
    const next = Math.round((at - from) * pxPerMs);
    if (at - lastAt > MOST_APART_MS) {
      if (parts.length > 0) {
        flush();
        parts.push(`L${x} ${height}Z`);
      }
      const start = Math.round((at - SECOND_MS - from) * pxPerMs);
      parts.push(`M${start} ${height}L${start} ${yOf(depth)}`);
      deepest = depth;
    } else if (next !== x) {
      flush();
      deepest = depth;
    } else deepest = Math.max(deepest, depth);
    x = next;
    lastAt = at;
  }
  if (parts.length === 0) return '';
  flush();
  return `${parts.join('')}L${x} ${height}Z`;
}
