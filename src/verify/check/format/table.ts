import { MAX_WIDTH, visible } from './wrap.ts';

const GAP = '  ';

/**
 * Rows under their headings, in columns that are as wide as they have to be. The first column is cut where a row would
 * be wider than `MAX_WIDTH`; those whose number is in `onRight` stand on the right, as figures do.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  onRight: (column: number) => boolean,
): string[] {
  const cells = [headings, ...rows].map((row) => row.map(visible));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const others = widths.slice(1).reduce((sum, width) => sum + GAP.length + width, 0);
  widths[0] = Math.min(widths[0]!, MAX_WIDTH - others);
  return cells.map((row) =>
    row
      .map((cell, column) => {
        const text = cut(cell, widths[column]!);
        return onRight(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
      })
      .join(GAP)
      .trimEnd(),
  );
}

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
