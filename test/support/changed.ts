/** The lines of a change, written as in a block `diff`, that are there before (`-`) or after (`+`) it. */
const sideOf = (change: string, sign: '-' | '+'): string =>
  change
    .split('\n')
    .filter((line) => line.startsWith(' ') || line.startsWith(sign))
    .map((line) => `${line.slice(1)}\n`)
    .join('');

/** A text after a change. @throws when what is changed does not stand there exactly once */
export function changed(text: string, change: string): string {
  const parts = text.split(sideOf(change, '-'));
  if (parts.length !== 2) throw new Error(`what is changed stands there ${parts.length - 1} times:\n${change}`);
  return parts.join(sideOf(change, '+'));
}
