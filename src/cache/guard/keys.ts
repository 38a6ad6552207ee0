import { DEGREES } from './degrees.ts';
import { FUNCTION_WORDS } from './function-words.ts';
import { stem } from './stem.ts';
import { representative } from './synonyms.ts';

/** What two words are compared by: the same for inflections, degrees and synonyms. @param word in lower case */
export function keyOf(word: string): string {
  if (FUNCTION_WORDS.has(word)) return word;
  const stemmed = stem(word);
  const key = representative(stemmed);
  const base = DEGREES.get(word)?.base;
  // To lower is a verb of its own.
  return key === stemmed && base !== undefined ? representative(stem(base)) : key;
}
