/** Adjectives that are compared with -er and -est. */
const GRADABLE =
  'big large small tiny great high low tall short long wide narrow broad deep shallow thick thin fast slow quick near far close early late soon old young new hot cold warm cool dry wet heavy light strong weak hard soft easy simple tough cheap rich poor safe healthy happy sad nice fine clean dirty bright dark loud quiet smart clever busy cold fresh full sharp smooth rough tight loose brave calm kind mild pure rare strict sweet sour wise ugly pretty lazy lucky sick fat slim lean'.split(
    ' ',
  );

/** What an adjective is the comparative or superlative of. */
export interface Degree {
  readonly base: string;
  readonly isSuperlative: boolean;
}

function formsOf(base: string): readonly [string, Degree][] {
  const root = /[^aeiou]y$/.test(base)
    ? `${base.slice(0, -1)}i`
    : base.endsWith('e')
      ? base.slice(0, -1)
      : /[^aeiou][aeiou][bdgmnpt]$/.test(base)
        ? base + base.at(-1)
        : base;
  return [
    [`${root}er`, { base, isSuperlative: false }],
    [`${root}est`, { base, isSuperlative: true }],
  ];
}

/** Comparatives and superlatives in lower case, the irregular ones too. */
export const DEGREES: ReadonlyMap<string, Degree> = new Map<string, Degree>([
  ...GRADABLE.flatMap(formsOf),
  ['better', { base: 'good', isSuperlative: false }],
  ['best', { base: 'good', isSuperlative: true }],
  ['worse', { base: 'bad', isSuperlative: false }],
  ['worst', { base: 'bad', isSuperlative: true }],
  ['farther', { base: 'far', isSuperlative: false }],
  ['farthest', { base: 'far', isSuperlative: true }],
  ['furthest', { base: 'far', isSuperlative: true }],
]);
