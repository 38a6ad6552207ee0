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

const RFC_3339 = new RegExp(`^\\d{4}-\\d{2}-\\d{2}T${TIME}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$`, 'i');
/** The units of Go's durations, such as `6m0s`; `m` must not take the beginning of `ms`. */
const GO_PART = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g;
const GO_DURATION = /^(\d+(\.\d+)?(h|ms|m|s|us|µs|ns))+$/;
const GO_UNITS_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

type Reader = (value: string | undefined, wallNow: number) => number | undefined;

/** A limit of which a provider says how much is left, and when all of it is there again. */
interface Quota {
  readonly remaining: string;
  readonly reset: string;
  readonly read: Reader;
}

const QUOTAS: readonly Quota[] = [
  ...['requests', 'tokens'].map((what) => ({
    remaining: `x-ratelimit-remaining-${what}`,
    reset: `x-ratelimit-reset-${what}`,
    // OpenAI sends a duration, Azure bare seconds.
    read: (value: string | undefined) => inGoUnits(value) ?? inUnits(value, 1000),
  })),
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((what) => ({
    remaining: `anthropic-ratelimit-${what}-remaining`,
    reset: `anthropic-ratelimit-${what}-reset`,
    read: untilTimestamp,
  })),
];

/**
 * How many milliseconds a provider asks to be left alone: `retry-after-ms` or Azure's `x-ms-retry-after-ms`, else
 * `retry-after` in seconds or as a date, else the latest reset among the limits of OpenAI and Anthropic of which
 * nothing remains. Never negative, never above `MAX_HINT_MS`; undefined when there is no hint or none that can be read.
 * @param wallNow milliseconds since the Unix epoch, to which a date is compared
 */
export function retryAfterMs(headers: HeaderSource, wallNow: number): number | undefined {
  return (
    inUnits(headerOf(headers, 'retry-after-ms'), 1) ??
    inUnits(headerOf(headers, 'x-ms-retry-after-ms'), 1) ??
    inUnits(headerOf(headers, 'retry-after'), 1000) ??
    untilDate(headerOf(headers, 'retry-after'), wallNow) ??
    untilReset(headers, wallNow)
  );
}

function untilReset(headers: HeaderSource, wallNow: number): number | undefined {
  const waits = QUOTAS.flatMap(({ remaining, reset, read }) => {
    const left = headerOf(headers, remaining);
    if (left === undefined || !NUMBER.test(left) || Number(left) !== 0) return [];
    return read(headerOf(headers, reset), wallNow) ?? [];
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}

function inUnits(value: string | undefined, unitMs: number): number | undefined {
  return value !== undefined && NUMBER.test(value) ? bounded(Number(value) * unitMs) : undefined;
}

function untilDate(value: string | undefined, wallNow: number): number | undefined {
  if (value === undefined || !HTTP_DATES.some((form) => form.test(value))) return undefined;
  const due = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(due) ? undefined : bounded(due - wallNow);
}

function inGoUnits(value: string | undefined): number | undefined {
  if (value === undefined || !GO_DURATION.test(value)) return undefined;
  const parts = [...value.matchAll(GO_PART)].map(([, count, unit]) => Number(count) * GO_UNITS_MS[unit!]!);
  return bounded(parts.reduce((sum, ms) => sum + ms, 0));
}

function untilTimestamp(value: string | undefined, wallNow: number): number | undefined {
  if (value === undefined || !RFC_3339.test(value)) return undefined;
  const due = Date.parse(value.toUpperCase());
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
