import { IMPLEMENTATIONS, type RecordedRow, versionOf } from './comparison.ts';

const BEGIN = '<!-- comparison -->';
const END = '<!-- /comparison -->';

/** The page with its generated part in place of the one that is there. */
export function pageWith(page: string, rows: readonly RecordedRow[]): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`the page lacks ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n${generated(rows)}${END}${after}`;
}

function generated(rows: readonly RecordedRow[]): string {
  const names = IMPLEMENTATIONS.map(({ name }) => name);
  const table = rows.map(
    ({ row, outcomes }) => `| ${row.id} | ${row.sentence} | ${outcomes.map(({ verdict }) => verdict).join(' | ')} |`,
  );
  return [
    `Versions: ${IMPLEMENTATIONS.map((each) => `${each.name} ${versionOf(each)}`).join(', ')}.`,
    '',
    `| | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---').join('|')}|`,
    ...(['pass', 'differs', 'fail', 'n/a'] as const).map(
      (verdict) => `| ${verdict} | ${names.map((_, index) => count(rows, index, verdict)).join(' | ')} |`,
    ),
    '',
    `| id | behaviour | ${names.join(' | ')} |`,
    `|---|---|${names.map(() => '---').join('|')}|`,
    ...table,
    '',
    '### Where llm-router differs',
    '',
    ...reasons(rows, 0, 'differs'),
    ...names.flatMap((name, index) => section(`### What ${name} fails`, reasons(rows, index, 'fail'))),
    ...names.flatMap((name, index) => section(`### What ${name} cannot be asked`, reasons(rows, index, 'n/a'))),
    '',
  ].join('\n');
}

const count = (rows: readonly RecordedRow[], index: number, verdict: string): number =>
  rows.filter(({ outcomes }) => outcomes[index]!.verdict === verdict).length;

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, '', ...lines];

/** One line for each reason, with all rows that have it. */
function reasons(rows: readonly RecordedRow[], index: number, verdict: string): string[] {
  const idsOf = new Map<string, string[]>();
  for (const { row, outcomes } of rows) {
    const { verdict: given, reason = '' } = outcomes[index]!;
    if (given === verdict) idsOf.set(reason, [...(idsOf.get(reason) ?? []), row.id]);
  }
  return [...idsOf].map(([reason, ids]) => `- ${ranges(ids)}: ${asSentence(reason)}`);
}

const asSentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

/** Ids that follow each other, drawn together. */
function ranges(ids: readonly string[]): string {
  const runs: string[][] = [];
  for (const id of ids) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const follows = last !== undefined && last[0] === id[0] && Number(last.slice(1)) + 1 === Number(id.slice(1));
    if (follows) run!.push(id);
    else runs.push([id]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]} to ${run.at(-1)}` : run.join(', '))).join(', ');
}
