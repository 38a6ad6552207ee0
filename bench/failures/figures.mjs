const BUCKET_MS = 100;

const sorted = (values) => values.toSorted((a, b) => a - b);
/** By nearest rank. */
const quantile = (ascending, share) => ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? null;

export const percentiles = (requests) => {
  const times = sorted(requests.filter(({ failure }) => failure === null).map(({ ms }) => ms));
  return [0.5, 0.95, 0.99].map((share) => quantile(times, share));
};

/** What failed, and how often. */
export function failuresOf(requests) {
  const counts = {};
  for (const { failure } of requests) if (failure !== null) counts[failure] = (counts[failure] ?? 0) + 1;
  return counts;
}

/**
 * From when on the median stays under the limit: milliseconds after `from`, in steps of a bucket by the start of the
 * requests, until `to`; null: not before `to`. What failed took for ever, else failing fast would pass for being fast.
 */
export function fastAgainAfterMs(requests, limitMs, from, to) {
  let fastFrom = null;
  for (let begin = from; begin < to; begin += BUCKET_MS) {
    const bucket = requests.filter(({ at }) => at >= begin && at < begin + BUCKET_MS);
    const median = quantile(sorted(bucket.map(({ ms, failure }) => (failure === null ? ms : Infinity))), 0.5);
    if (median >= limitMs) fastFrom = null;
    else fastFrom ??= begin - from;
  }
  return fastFrom;
}
