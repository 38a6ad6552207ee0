import { EMPTY_TALLY, plus, type Result, type Tally } from './tally.ts';

/** The results of the last `windowMs`, in slices of absolute time. */
export interface TimeWindow {
  readonly kind: 'time';
  /** Slices with results, oldest first. */
  readonly slices: readonly Slice[];
}

interface Slice {
  /** Which slice of the clock it is: `at` divided by a slice's length. */
  readonly index: number;
  readonly tally: Tally;
}

/** Into how many slices a window falls: it forgets a result up to one slice early, never late. */
const SLICES = 10;

export const EMPTY_TIME_WINDOW: TimeWindow = { kind: 'time', slices: [] };

const sliceAt = (at: number, windowMs: number): number => Math.floor((at * SLICES) / windowMs);

/** When a slice begins. */
export const startOf = (index: number, windowMs: number): number => (index * windowMs) / SLICES;

/** The slice that begins nearest to that time: the inverse of `startOf`, whatever a restart has rounded off. */
export const sliceFrom = (at: number, windowMs: number): number => Math.round((at * SLICES) / windowMs);

/** Lazy: nothing moves while no result comes, and what is too old is left out whenever somebody looks. */
const isWithin = ({ index }: Slice, current: number): boolean => index > current - SLICES;

export function withResult(window: TimeWindow, windowMs: number, result: Result, at: number): TimeWindow {
  const index = sliceAt(at, windowMs);
  const { slices } = window;
  const last = slices.at(-1);
  return {
    kind: 'time',
    slices:
      last?.index === index
        ? slices.with(-1, { index, tally: plus(last.tally, result) })
        : [...slices.filter((slice) => isWithin(slice, index)), { index, tally: plus(EMPTY_TALLY, result) }],
  };
}

/** What the window comes to at that time. */
export function tallyAt({ slices }: TimeWindow, windowMs: number, at: number): Tally {
  const current = sliceAt(at, windowMs);
  let { total, failures, slow } = EMPTY_TALLY;
  for (const slice of slices) {
    if (!isWithin(slice, current)) continue;
    total += slice.tally.total;
    failures += slice.tally.failures;
    slow += slice.tally.slow;
  }
  return { total, failures, slow };
}
