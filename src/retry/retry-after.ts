/** The longest hint that is believed; what a provider asks beyond an hour is more likely a mistake. */
export const MAX_HINT_MS = 3_600_000;

/** Headers as Node and undici hand them out, or anything with the `get` of the Fetch standard. */
export type HeaderSource =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const TIME = String.raw`\d{2}:\d{2}:\d{2}`;
/** The three forms of RFC 9110; `Date.parse` alone would take `1,5` for a day in January 2001. */
const HTTP_DATES = [
  new RegExp(`^[A-Z][a-z]{2}, \\d{1,2} [A-Z][a-z]{2} \\d{4} ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]+day, \\d{2}-[A-Z][a-z]{2}-\\d{2} ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d ${TIME} \\d{4}$`),
];

/**
 * How many milliseconds a provider asks to be left alone: `retry-after-ms`, else `retry-after` in seconds or as a date.
 * Never negative, never above `MAX_HINT_MS`; undefined when there is no hint or none that can be read.
 * @param wallNow milliseconds since the Unix epoch, to which a date is compared
 */
export function retryAfterMs(headers: HeaderSource, wallNow: number): number | undefined {
  return (
    inUnits(headerOf(headers, 'retry-after-ms'), 1) ??
    inUnits(headerOf(headers, 'retry-after'), 1000) ??
    untilDate(headerOf(headers, 'retry-after'), wallNow)
  );
}

function inUnits(value: string | undefined, unitMs: number): number | undefined {
  return value !== undefined && NUMBER.test(value) ? bounded(Number(value) * unitMs) : undefined;
}

function untilDate(value: string | undefined, wallNow: number): number | undefined {
  if (value === undefined || !HTTP_DATES.some((form) => form.test(value))) return undefined;
  const due = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(due) ? undefined : bounded(due - wallNow);
}

/** Rounded up, because trying a fraction early is trying early. */
const bounded = (ms: number): number => Math.max(0, Math.ceil(Math.min(ms, MAX_HINT_MS)));

function headerOf(headers: HeaderSource, name: string): string | undefined {
  if (typeof headers.get === 'function') return (headers as { get(name: string): string | null }).get(name)?.trim();
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() !== name) continue;
    const first = typeof value === 'object' ? value[0] : value;
    return first?.trim();
  }
  return undefined;
}
