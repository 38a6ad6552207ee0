import type { MetadataMatch, RuleMatch, Scalar } from '../../routing/match.ts';

export type Metadata = Readonly<Record<string, Scalar>>;

/** Whether requests get past some rules to a later one. */
export type Example<Rule> =
  /** With this metadata they do. */
  | { readonly type: 'found'; readonly metadata: Metadata }
  /** These leave it none. */
  | { readonly type: 'hidden'; readonly hiders: readonly Rule[] }
  /** It was not found out in so many steps. */
  | { readonly type: 'unsettled' };

/** Rules that are hidden from each other in many ways can take a time that doubles with each of their keys. */
export const MOST_STEPS = 100_000;

/**
 * Metadata that meets the match and none of the earlier ones, or the proof that there is none. By key only values that
 * differ in which earlier rules they meet are tried, and of these none that meets whatever another one meets; what has
 * failed once is not tried again.
 */
export function exampleOf<Rule extends { readonly match: RuleMatch }>(
  earlier: readonly Rule[],
  { metadata: wanted = {} }: RuleMatch,
  mostSteps = MOST_STEPS,
): Example<Rule> {
  // Whoever asks for a key that the match does not name is met by no request without that key.
  const rivals = earlier.filter(({ match }) =>
    Object.keys(match.metadata ?? {}).every((key) => Object.hasOwn(wanted, key)),
  );
  const all = (1n << BigInt(rivals.length)) - 1n;
  const choices = Object.entries(wanted).map(([key, condition]) => {
    const asked = rivals.map(({ match: { metadata = {} } }) => (Object.hasOwn(metadata, key) ? metadata[key]! : null));
    return leastMet(valuesAmong(condition, asked), metAmong(asked));
  });
  /** By place: whom no value of its key or of a later one keeps away. */
  const stuck = [all];
  for (const values of choices.toReversed()) {
    stuck.unshift(values.reduce((met, value) => met & value.met, stuck[0]!));
  }
  // By their digits: the hash of a large number is that of its last ones.
  const failed = choices.map(() => new Set<string>());
  let steps = 0;
  /** @param left the rivals that the values before this place have all met */
  const valuesFrom = (place: number, left: bigint): readonly Scalar[] | null => {
    if ((left & stuck[place]!) !== 0n) return null;
    if (place === choices.length) return [];
    const key = left.toString(16);
    if (failed[place]!.has(key) || ++steps > mostSteps) return null;
    for (const { value, met } of choices[place]!) {
      const rest = valuesFrom(place + 1, left & met);
      if (rest !== null) return [value, ...rest];
    }
    failed[place]!.add(key);
    return null;
  };
  const values = valuesFrom(0, all);
  if (values !== null) {
    const metadata = Object.fromEntries(Object.keys(wanted).map((key, place) => [key, values[place]!]));
    return { type: 'found', metadata };
  }
  if (steps > mostSteps) return { type: 'unsettled' };
  const isIn = (set: bigint) => (_: Rule, index: number) => (set & (1n << BigInt(index))) !== 0n;
  const alone = rivals.find(isIn(stuck[0]!));
  if (alone !== undefined) return { type: 'hidden', hiders: [alone] };
  const met = choices.reduce((some, values) => some & values.reduce((any, value) => any | value.met, 0n), all);
  return { type: 'hidden', hiders: rivals.filter(isIn(met)) };
}

interface Choice {
  readonly value: Scalar;
  /** A bit for each rival that it does not keep away. */
  readonly met: bigint;
}

/** Without those that meet whatever another one meets; of equals the first. */
function leastMet(values: readonly Scalar[], metBy: (value: Scalar) => bigint): readonly Choice[] {
  const byMet = new Map<bigint, Choice>();
  for (const value of values) {
    const met = metBy(value);
    if (!byMet.has(met)) byMet.set(met, { value, met });
  }
  const choices = [...byMet.values()];
  return choices.filter(({ met }) => !choices.some((other) => other.met !== met && (other.met & ~met) === 0n));
}

/** By value, whom it meets: a bit for each condition, and for each that asks for nothing. */
function metAmong(asked: readonly (MetadataMatch | null)[]): (value: Scalar) => bigint {
  let always = 0n;
  const byValue = new Map<Scalar, bigint>();
  const prefixes: { readonly prefix: string; readonly bit: bigint }[] = [];
  asked.forEach((condition, index) => {
    const bit = 1n << BigInt(index);
    if (condition === null) always |= bit;
    else if (isPrefix(condition)) prefixes.push({ ...condition, bit });
    else for (const value of namedBy(condition)) byValue.set(value, (byValue.get(value) ?? 0n) | bit);
  });
  return (value) =>
    prefixes.reduce(
      (met, { prefix, bit }) => (typeof value === 'string' && value.startsWith(prefix) ? met | bit : met),
      always | (byValue.get(value) ?? 0n),
    );
}

/**
 * Values that meet a condition: those that it names; of a prefix one text that meets no other condition but those that
 * all texts with that prefix meet.
 */
export function valuesAmong(condition: MetadataMatch, others: readonly (MetadataMatch | null)[]): readonly Scalar[] {
  if (!isPrefix(condition)) return namedBy(condition);
  const { prefix } = condition;
  if (!others.some((other) => other !== null && !isPrefix(other) && namedBy(other).includes(prefix))) return [prefix];
  const texts = others.flatMap((other) => (other === null ? [] : isPrefix(other) ? [other.prefix] : namedBy(other)));
  const goesOn = (letter: string) => texts.some((text) => typeof text === 'string' && text.startsWith(prefix + letter));
  let code = '0'.charCodeAt(0);
  while (goesOn(String.fromCharCode(code))) code++;
  return [prefix + String.fromCharCode(code)];
}

const namedBy = (condition: Scalar | readonly Scalar[]): readonly Scalar[] =>
  typeof condition === 'object' ? condition : [condition];

const isPrefix = (condition: MetadataMatch): condition is { readonly prefix: string } =>
  typeof condition === 'object' && 'prefix' in condition;
