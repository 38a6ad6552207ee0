import { cellOf } from './scenes.mjs';

const row = (cells) => `| ${cells.join(' | ')} |`;

/** One scene as a table: a row for each variant and router. */
export function sectionOf({ title, about, variantName, columns, routers }, measured) {
  const isCompared = routers !== undefined;
  const head = [variantName, ...(isCompared ? ['router'] : []), ...columns.map(({ name }) => name)];
  const rows = measured.map(({ variant, router, figures }) => {
    const cells = columns.map((column) => cellOf(column, figures, router !== 'naive').text);
    return row([variant, ...(isCompared ? [router] : []), ...cells]);
  });
  return [`## ${title}`, '', about, '', row(head), row(head.map(() => '---')), ...rows, ''].join('\n');
}

/** What is not within its bound, a line each. */
export const missesOf = ({ title, columns }, measured) =>
  measured.flatMap(({ variant, router, figures }) =>
    columns
      .map((column) => ({ column, cell: cellOf(column, figures, router !== 'naive') }))
      .filter(({ cell }) => cell.isMissed)
      .map(({ column, cell }) => `${title}, ${variant}: ${column.name} ${cell.text.replaceAll('**', '')}`),
  );

/** What failed under load and how, a line each. */
export const failuresOf = (measured) =>
  measured.flatMap(({ variant, router, figures }) =>
    Object.entries(figures.failures ?? {}).map(([failure, count]) => `${router}, ${variant}: ${count} × ${failure}`),
  );

export function pageOf(sections, misses, machine) {
  const verdict =
    misses.length === 0
      ? 'Every bound holds.'
      : `Not within its bound:\n\n${misses.map((miss) => `- ${miss}`).join('\n')}`;
  return `# Failure scenes

Routers on a real clock and real sockets over a provider that fails; [README.md](README.md) says how it is measured. In
brackets behind a figure: its bound, and whether it holds. \`naive\` tries the primary, then the fallback, with a fixed
time-out and no memory; it has no bound.

${verdict}

${sections.join('\n')}
${machine}
`;
}
