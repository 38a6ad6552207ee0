/** A block of a document. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** A command that a document shows, and what it prints there. */
export interface Shown {
  readonly command: string;
  readonly output: string;
}

export const blocksOf = (markdown: string): readonly Block[] =>
  [...markdown.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }));

/** The commands of a block `console`: each behind `$ `, with what it prints below. */
export const commandsOf = ({ text }: Block): readonly Shown[] =>
  text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...lines] = part.trimEnd().split('\n');
      return { command, output: lines.join('\n') };
    });

/** What was printed, as far as it is shown: a line `…` stands for any number of lines. */
export function asShown(printed: string, shown: string): string {
  const lines = shown.trimEnd().split('\n');
  const patterns = lines.map((line) => (line === '…' ? '(?:.*\\n)*' : `${line.replaceAll(/[^\w\s]/g, '\\$&')}\\n`));
  return new RegExp(`^${patterns.join('')}$`).test(`${printed.trimEnd()}\n`) ? lines.join('\n') : printed.trimEnd();
}
