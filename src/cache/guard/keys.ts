import { DEGREES } from './degrees.ts';
import { FUNCTION_WORDS } from './function-words.ts';
import { stem } from './stem.ts';
import { representative } from './synonyms.ts';

/** What two words are compared by: the same for inflections, degrees and synonyms. @param word in lower case */
export const keyOf = (word: string): string => (FUNCTION_WORDS.has(word) ? word : keyOfStem(stem(word), word));

/** The same for a word whose stem is known, and which is none of grammar. */
export function keyOfStem(stemmed: string, word: string): string {
  const key = representative(stemmed);
  const base = DEGREES.get(word)?.base;
  // To lower is a verb of its own.
  return key === stemmed && base !== undefined ? representative(stem(base)) : key;
}
