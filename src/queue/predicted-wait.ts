/** What a model's queue is judged by when a newcomer asks how long it would wait. */
export interface QueueFigures {
  /** Median time that a call takes, in milliseconds; null: too few calls to tell. */
  readonly medianMs: number | null;
  /** Calls at once. */
  readonly runningLimit: number;
  /** By slot; null where none runs. */
  readonly calls: readonly ({ readonly startedAt: number } | null)[];
}

/**
 * How long a request that has to wait will wait for a slot, in milliseconds; never its own service. Each running call is
 * taken to last as long as the median, then each request ahead as long again; 0 when too few calls have been measured.
 * @param ahead requests that are served before it
 */
export function predictedWait({ medianMs, runningLimit, calls }: QueueFigures, ahead: number, at: number): number {
  if (medianMs === null) return 0;
  const rounds = Math.floor(ahead / runningLimit);
  const startedAt = calls.flatMap((call) => (call === null ? [] : [call.startedAt])).sort((a, b) => a - b);
  // Calls above the limit (it has sunk meanwhile) hand their slot to nobody when they end.
  const index = Math.max(0, startedAt.length - runningLimit) + (ahead % runningLimit);
  const start = startedAt[index];
  return rounds * medianMs + (start === undefined ? 0 : Math.max(0, start + medianMs - at));
}

/** At most this, without looking at the calls: what suffices to know that a deadline is far enough. */
export const longestWait = ({ medianMs, runningLimit }: QueueFigures, ahead: number): number =>
  medianMs === null ? 0 : (Math.floor(ahead / runningLimit) + 1) * medianMs;
