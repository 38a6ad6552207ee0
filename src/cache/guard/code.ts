import type { Reading } from './reading.ts';

// Runs of operators and brackets, an escape with its letter, an option with its dashes. Not what prose has too: a single
// dash, slash within a word, ampersand, star of a list, parentheses.
const SYMBOL =
  /\\.|(?<=^|[\s`'"(])--?\p{L}[\p{L}\p{N}-]*|(?<=^|[\s`'"(])(?:~|\.{1,2})?\/[\w./-]*|(?<=[\w)\]])(?:\+\+|--)|(?:\+\+|--)(?=[\w(])|\$(?=[\p{L}_{(])|[=<>|^{}[\]~;]|&&|&(?=\w)(?<=\s&)|[!*:@#/+-]{2,}|[*/+](?=\s?[\w(])(?<=[\w)]\s?[*/+])|\(\)|::/gu;

/** Marks of programming in their own order. Blanks and case between them say nothing, but in an escape or an option. */
export const symbolsIn = (text: string): string[] => Array.from(text.matchAll(SYMBOL), ([mark]) => mark);

const marksOf = (reading: Reading): string => reading.symbols.join(' ');
