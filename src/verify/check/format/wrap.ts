/** Widest line of what is printed. */
export const MAX_WIDTH = 100;

/**
 * What steers a terminal or the order of its letters, or is not seen, is shown and not sent: names and metadata of a
 * policy may hold it. Joiners within an emoji or a word are shown too, because nobody can see whether they belong there.
 */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) => {
    const code = letter.codePointAt(0)!.toString(16);
    return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`;
  });

/** A text in lines of at most `MAX_WIDTH` behind `first`; further lines stand under its text. */
export function wrap(text: string, first: string): string[] {
  const room = MAX_WIDTH - first.length;
  const lines = [''];
  for (const word of visible(text)
    .split(' ')
    .flatMap((one) => pieces(one, room))) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= room) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, index) => (index === 0 ? first : ' '.repeat(first.length)) + line);
}

/** A word that is wider than a line is broken anywhere. */
const pieces = (word: string, room: number): readonly string[] =>
  word.length <= room ? [word] : word.match(new RegExp(`.{1,${room}}`, 'gs'))!;
