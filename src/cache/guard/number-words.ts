const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ORDINALS =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth'.split(
    ' ',
  );

/** Words that count. `one` is among them; alone it hardly counts: one of them, which one, one-sentence. */
export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ...SMALL.map((word, value) => [word, value] as const),
  ...ORDINALS.map((word, value) => [word, value] as const),
  ...TENS.map((word, tens) => [word, tens * 10] as const).slice(2),
  ...TENS.map((word, tens) => [word.replace(/y$/, 'ieth'), tens * 10] as const).slice(2),
  ['twice', 2] as const,
  ['thrice', 3] as const,
  ['dozen', 12] as const,
]);

export const MULTIPLIERS: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['hundredth', 100],
  ['thousand', 1e3],
  ['thousandth', 1e3],
  ['million', 1e6],
  ['billion', 1e9],
  ['trillion', 1e12],
]);

const ROMAN = /^(?=[IVX]{2})X{0,3}(?:IX|IV|V?I{0,3})$/;
/** After one of these a single letter counts too: World War I, Part V. */
const COUNTED = new Set(
  'war part volume chapter act phase type class book section title stage article appendix'.split(' '),
);

/** The value of a Roman numeral up to 39, as it was written. @param before the word before, in lower case */
export function romanValue(written: string, before: string | undefined): number | null {
  if (!'IVX'.includes(written[0]!)) return null;
  const isSingle = /^[IVX]$/.test(written) && before !== undefined && COUNTED.has(before);
  if (!isSingle && !ROMAN.test(written)) return null;
  const values = Array.from(written, (letter) => ({ I: 1, V: 5, X: 10 })[letter]!);
  return values.reduce((sum, value, index) => (value < (values[index + 1] ?? 0) ? sum - value : sum + value), 0);
}
