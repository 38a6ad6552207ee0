/**
 * Units of measure: the name, then the words for it. A loose one is also an everyday word (`cup`, `day`, `second`): alone
 * in one of two texts it says nothing, only against another.
 */
const STRICT = `
kilogram kg kilo kilogramme; milligram mg; microgram mcg; gram gramme; pound-weight lb lbs; ounce oz; ton tonne
kilometer km kilometre; centimeter cm centimetre; millimeter mm millimetre; meter metre; mile; inch inches
nanometer nm nanometre; lightyear
liter litre; milliliter ml millilitre; gallon gal; pint; quart; teaspoon tsp; tablespoon tbsp
celsius centigrade; fahrenheit; kelvin
kmh kph; mph; knot; acre; hectare
kilobyte kb; megabyte mb; gigabyte gb; terabyte tb; kilobit kbps; megabit mbps; gigabit gbps
watt; kilowatt kw; kwh; volt; amp ampere; ohm; joule; calorie kcal; kilojoule kj; hertz hz; megahertz mhz; gigahertz ghz
psi; radian
dollar usd buck; euro eur; sterling gbp quid; yen jpy; rupee inr; yuan cny rmb; franc chf; won-currency krw; peso
cent; bitcoin btc
`;
const LOOSE = `
pound; stone; foot feet; yard; cup; bit; byte; degree; bar; mole; percent
nanosecond; microsecond; millisecond; second; minute; hour; day; week; fortnight; month; quarter; year
decade; century centuries
`;

/** After a number or a degree sign only, with their case: 5 g, 30 °C. */
const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ['g', 'gram'],
  ['m', 'meter'],
  ['l', 'liter'],
  ['L', 'liter'],
  ['t', 'ton'],
  ['s', 'second'],
  ['h', 'hour'],
  ['d', 'day'],
  ['W', 'watt'],
  ['V', 'volt'],
  ['A', 'amp'],
  ['C', 'celsius'],
  ['F', 'fahrenheit'],
  ['K', 'kelvin'],
  ['ft', 'foot'],
  ['mi', 'mile'],
  ['ns', 'nanosecond'],
  ['ms', 'millisecond'],
  ['sec', 'second'],
  ['min', 'minute'],
  ['hr', 'hour'],
  ['hrs', 'hour'],
  ['yr', 'year'],
]);

const wordsOf = (table: string): readonly (readonly [string, string])[] =>
  table
    .split(/[;\n]/)
    .map((line) => line.trim().split(' '))
    .filter(([name]) => name !== '')
    .flatMap((words) => words.map((word) => [word, words[0]!] as const));

const UNITS: ReadonlyMap<string, string> = new Map([...wordsOf(STRICT), ...wordsOf(LOOSE)]);
const LOOSE_UNITS: ReadonlySet<string> = new Set(wordsOf(LOOSE).map(([, name]) => name));

export const isLoose = (unit: string): boolean => LOOSE_UNITS.has(unit);

/** The unit that a word stands for wherever it stands, in the singular or the plural. */
export const unitNamed = (lower: string): string | null =>
  UNITS.get(lower) ?? (lower.endsWith('s') ? UNITS.get(lower.slice(0, -1)) : undefined) ?? null;

/** The unit that a symbol stands for after a number or a degree sign. @param written with its case */
export const unitCounted = (written: string): string | null => SYMBOLS.get(written) ?? null;

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/\p{N}\s?%/u, 'percent'],
  [/\$\s?\p{N}|\p{N}\s?\$/u, 'dollar'],
  [/€/, 'euro'],
  [/£/, 'sterling'],
  [/¥/, 'yen'],
  [/₹/, 'rupee'],
];

/** Units that are written as signs. */
export const signsIn = (text: string): string[] =>
  /[%$€£¥₹]/.test(text) ? SIGNS.flatMap(([sign, unit]) => (sign.test(text) ? [unit] : [])) : [];
