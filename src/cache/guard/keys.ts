import { DEGREES } from './degrees.ts';
import { stem } from './stem.ts';
import { representative } from './synonyms.ts';

/** What two words are compared by: the same for inflections and synonyms; degrees aside. @param word in lower case */
export const keyOf = (word: string): string => representative(stem(DEGREES.get(word)?.base ?? word));
