/** A piece of a text as it was written: a word, a number, an identifier. */
export interface Lexeme {
  readonly text: string;
  /** What stands between it and the lexeme before. */
  readonly gap: string;
}

// In this order: `list.append` and `user_id` are one, `3.11` and `1,000` are one, `5kg` and `v2` are two.
const LEXEME =
  /[\p{L}_][\p{L}\p{M}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{M}\p{N}_]*)+|[\p{L}\p{N}]*_[\p{L}\p{M}\p{N}_]*|\p{N}+(?:[.,:]\p{N}+)*|\p{L}[\p{L}\p{M}]*(?:'\p{L}+)*(?:\+\+|#(?![\p{L}\p{N}]))?/gu;

/** Compatible characters as one (full-width digits, ligatures), and one kind of apostrophe. */
export const plain = (text: string): string => text.normalize('NFKC').replaceAll(/[’‘ʼ](?=\p{L})(?<=\p{L}.)/gu, "'");

/** @param text as `plain` gives it */
export function lexemesOf(text: string): Lexeme[] {
  const lexemes: Lexeme[] = [];
  let end = 0;
  for (const match of text.matchAll(LEXEME)) {
    lexemes.push({ text: match[0], gap: text.slice(end, match.index) });
    end = match.index + match[0].length;
  }
  return lexemes;
}

/** Equal but for what ends the texts. */
export const isSameText = (a: string, b: string): boolean => withoutEnd(a) === withoutEnd(b);

const withoutEnd = (text: string): string => text.replace(/(?<![ .?!…])[ .?!…]+$/, '');
