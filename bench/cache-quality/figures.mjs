// What a set of pairs says of the guard: hits and false hits at each level and threshold.

export const THRESHOLDS = [0.85, 0.9, 0.92, 0.95];
/** The threshold of the tables that show one only. */
export const SHOWN = 0.92;

/** A share with the 95 % interval of Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927. */
export function shareOf(hits, total) {
  const z = 1.959964;
  const share = hits / total;
  const middle = share + z ** 2 / (2 * total);
  const spread = z * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  const scale = 1 + z ** 2 / total;
  return { hits, total, share, low: Math.max(0, (middle - spread) / scale), high: (middle + spread) / scale };
}

/** Pairs that would share an answer. */
const servedOf = (pairs, threshold, level) =>
  shareOf(
    pairs.filter(({ similarity, verdicts }) => similarity >= threshold && verdicts[level] === null).length,
    pairs.length,
  );

/** @param measured the pairs of a set, each with its `similarity` and, by level, the guard's `verdicts` */
export function figuresOf(measured, levels) {
  const paraphrases = measured.filter(({ same }) => same);
  const nearCopies = measured.filter(({ same }) => !same);
  const kinds = [...new Set(measured.map(({ kind }) => kind))];
  const pairsOf = (kind) => measured.filter((pair) => pair.kind === kind);
  const falseKinds = [...new Set(nearCopies.map(({ kind }) => kind))];
  return {
    rows: THRESHOLDS.flatMap((threshold) =>
      levels.map((level) => {
        const [hits, unguarded] = [servedOf(paraphrases, threshold, level), servedOf(paraphrases, threshold, 'off')];
        return {
          threshold,
          level,
          hits,
          falseHits: servedOf(nearCopies, threshold, level),
          cost: unguarded.hits === 0 ? 0 : 1 - hits.hits / unguarded.hits,
        };
      }),
    ),
    falseHitsOf: falseKinds.map((kind) => ({
      kind,
      byLevel: levels.map((level) => servedOf(pairsOf(kind), SHOWN, level)),
    })),
    medians: kinds.map((kind) => ({ kind, pairs: pairsOf(kind).length, median: medianOf(pairsOf(kind)) })),
    missed: nearCopies.filter(({ similarity, verdicts }) => similarity >= SHOWN && verdicts['standard'] === null),
  };
}

function medianOf(pairs) {
  const sorted = pairs.map(({ similarity }) => similarity).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
