export const MIN_SPAN_MS = 30_000;
export const MAX_SPAN_MS = 1_800_000;
export const DEFAULT_SPAN_MS = 300_000;

/** What part of the time is seen; in milliseconds. */
export interface TimeWindow {
  /** The right edge, since the Unix epoch. */
  readonly end: number;
  readonly spanMs: number;
}

const clamped = (spanMs: number): number => Math.min(MAX_SPAN_MS, Math.max(MIN_SPAN_MS, spanMs));

/** Wider (above 1) or narrower by a factor, about a moment that stays where it is; never beyond `latest`. */
export function zoomed({ end, spanMs }: TimeWindow, factor: number, about: number, latest: number): TimeWindow {
  const next = clamped(spanMs * factor);
  return { spanMs: next, end: Math.min(latest, about + (end - about) * (next / spanMs)) };
}

/** Later (above 0) or earlier, never beyond `latest`, nor wholly before `earliest`. */
export function panned({ end, spanMs }: TimeWindow, ms: number, earliest: number, latest: number): TimeWindow {
  return { spanMs, end: Math.min(latest, Math.max(earliest + spanMs / 2, end + ms)) };
}

/** A piece of time that holds the window and some more, and stays the same while the window moves a little. */
export function drawnOf({ end, spanMs }: TimeWindow): { from: number; to: number } {
  const step = spanMs / 2;
  const from = Math.floor((end - spanMs) / step) * step;
  return { from, to: from + 3 * step };
}
