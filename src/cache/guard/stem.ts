import { IRREGULAR, UNCHANGED } from './irregular.ts';

/**
 * One form for the inflections of an English word: plural, -ed, -ing, some derivations, British spelling. No word of the
 * language; it need only be the same for the same word and hardly ever for two. Words of other scripts come out as they are.
 * @param word in lower case
 */
export function stem(word: string): string {
  const known = IRREGULAR.get(word) ?? word;
  if (known.length <= 3 || UNCHANGED.has(known) || !/^[a-z]+$/.test(known)) return known;
  const singular = withoutPlural(known);
  if (singular.length <= 3) return singular;
  return ended(withoutSuffix(singular));
}

function withoutPlural(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  return /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

/** Suffixes with the shortest rest that may remain. */
const SUFFIXES: readonly (readonly [suffix: string, rest: number, instead: string])[] = [
  ['ied', 2, 'y'],
  ['ing', 3, ''],
  ['ed', 3, ''],
  ['ily', 3, 'y'],
  ['ly', 4, ''],
  ['ness', 3, ''],
  ['ment', 4, ''],
  ['ion', 4, ''],
];

function withoutSuffix(word: string): string {
  if (word.endsWith('eed')) return word;
  for (const [suffix, rest, instead] of SUFFIXES) {
    const kept = word.slice(0, -suffix.length);
    // Without a vowel it was no suffix: string, spring.
    if (word.endsWith(suffix) && kept.length >= rest && /[aeiouy]/.test(kept)) return kept + instead;
  }
  return word;
}

/** Final e, doubled consonants and British spelling: chang(e), stop(p), organi(s|z), col(ou|o)r, cent(re|er). */
function ended(word: string): string {
  const short = word
    .replace(/(?<=[a-z]{3})tre$/, 'ter')
    .replace(/e$/, '')
    .replace(/(?<=[a-z]{3})our/, 'or')
    .replace(/(?<=[a-z]{2})ys$/, 'yz')
    .replace(/(?<=[a-z]{2})is$/, 'iz');
  return short.length > 3 ? short.replace(/([b-df-hj-np-tv-z])\1$/, '$1') : short;
}
