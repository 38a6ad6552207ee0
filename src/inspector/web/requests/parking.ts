import type { Trace } from '../../../routing/trace.ts';
import { type Call, ROUNDING_MS } from './calls.ts';

/** When a request waited outside every model. */
export interface Parking {
  readonly count: number;
  readonly ms: number;
  /** Milliseconds since its acceptance; null: not known. */
  readonly from: number | null;
  readonly to: number | null;
  /** Before which call; as many as there are: behind the last. */
  readonly before: number;
  /** It was over while it was parked. */
  readonly isLast: boolean;
}

/** What ends a request wherever it is. */
const ENDS_PARKED: readonly (string | undefined)[] = ['deadline_exceeded', 'cancelled', 'router_stopped'];

/** Finds the one pause between calls into which its parking fits; where several do, only its length is told. */
export function parkingOf(
  { parked, totalMs }: Trace,
  calls: readonly Call[],
  code: string | undefined,
): Parking | null {
  if (parked === undefined) return null;
  const { count, ms } = parked;
  const pauses = [...calls, undefined].map((call, before) => ({
    before,
    from: calls[before - 1]?.endedAt ?? 0,
    to: call?.queuedAt ?? totalMs,
  }));
  const fitting = pauses.filter(({ from, to }) => to - from >= ms - ROUNDING_MS);
  const [pause] = fitting;
  if (count > 1 || fitting.length !== 1 || pause === undefined) {
    return { count, ms, from: null, to: null, before: calls.length, isLast: false };
  }
  const { before, from, to } = pause;
  const fills = to - from - ms < ROUNDING_MS;
  const isLast = before === calls.length && ENDS_PARKED.includes(code);
  return { count, ms, from: fills ? from : null, to: fills || isLast ? to : null, before, isLast };
}
