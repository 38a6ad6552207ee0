import type { Pair } from './pair.ts';
import type { Reading } from './reading.ts';
import type { Token } from './tokens.ts';

/** The keys of what is named: people, places, products, acronyms, versions' letters, identifiers and files. */
export function namesOf(tokens: readonly Token[]): ReadonlySet<string> {
  const trusts = !isTitle(tokens);
  return new Set(tokens.filter((token) => isName(token, trusts)).map(({ key }) => key));
}

function isName({ written, kind, startsSentence }: Token, trustsCapitals: boolean): boolean {
  if (kind === 'number' || kind === 'function') return false;
  if (/[._+#]/.test(written) || /\p{Ll}\p{Lu}/u.test(written)) return true;
  return trustsCapitals && (/^\p{Lu}{2}/u.test(written) || (/^\p{Lu}/u.test(written) && !startsSentence));
}

/** Where The Words Of Grammar Are Capitals Too, capitals name nothing. */
function isTitle(tokens: readonly Token[]): boolean {
  const grammar = tokens.filter(
    ({ kind, startsSentence, lower }) => kind === 'function' && !startsSentence && lower !== 'i',
  );
  const capital = grammar.filter(({ written }) => /^\p{Lu}/u.test(written));
  return capital.length > 0.5 * grammar.length;
}

/** Whether one text names what the other does not speak of. */
export const namesOther = ({ a, b }: Pair): boolean => namesMore(a, b) || namesMore(b, a);

const namesMore = (a: Reading, b: Reading): boolean => [...a.names].some((name) => !b.counts.has(name));
