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
  if (!word.endsWith('s')) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  return 'sui'.includes(word.at(-2)!) ? word : word.slice(0, -1);
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
  if (!'dgystn'.includes(word.at(-1)!) || word.endsWith('eed')) return word;
  for (const [suffix, rest, instead] of SUFFIXES) {
    if (!word.endsWith(suffix) || word.length < suffix.length + rest) continue;
    const kept = word.slice(0, -suffix.length);
    // Without a vowel it was no suffix: string, spring.
    if (/[aeiouy]/.test(kept)) return kept + instead;
  }
  return word;
}

/** British spelling, final e, doubled consonants: colo(u)r, cent(re|er), organi(s|z)e, chang(e), stop(p). */
function ended(word: string): string {
  let short = word.length > 5 && word.includes('our', 3) ? word.replace('our', 'or') : word;
  if (short.endsWith('tre')) short = `${short.slice(0, -2)}er`;
  if (short.endsWith('e')) short = short.slice(0, -1);
  if (short.length > 4 && (short.endsWith('is') || short.endsWith('ys'))) short = `${short.slice(0, -1)}z`;
  const isDoubled = short.length > 3 && short.at(-1) === short.at(-2) && !'aeiou'.includes(short.at(-1)!);
  return isDoubled ? short.slice(0, -1) : short;
}
