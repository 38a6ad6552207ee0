import type { Step } from './sequence-drawing.ts';

/** The picture's length, in pixels, if no pause were cut. */
const WHOLE = 320;
const LONGEST = 64;

/** The time between a step and the one before. */
export interface Pause {
  readonly ms: number;
  /** How far apart they are drawn. */
  readonly px: number;
  /** It is drawn shorter than the scale says. */
  readonly isCut: boolean;
}

const NONE: Pause = { ms: 0, px: 0, isCut: false };

/** How far each step is from the one before it, to scale as far as there is room. */
export function pausesOf(steps: readonly Pick<Step, 'at'>[], totalMs: number): Pause[] {
  let before = 0;
  return steps.map(({ at }) => {
    if (at === null || totalMs <= 0) return NONE;
    const ms = at - before;
    before = at;
    const px = Math.round((ms / totalMs) * WHOLE);
    return px > LONGEST ? { ms, px: LONGEST, isCut: true } : { ms, px, isCut: false };
  });
}
