import { PROTOCOLS } from './bench.ts';
import { NOT_DEFAULT, ROUTER } from './config.ts';
import { type Cell, SCENARIOS, type Score } from './scorecard.ts';
import { SURFACES } from './surfaces.ts';

const BEGIN = '<!-- faults -->';
const END = '<!-- /faults -->';

export interface ScoredCell extends Score {
  readonly cell: Cell;
}

/** The page with its scorecard in place of the one that is there. Verdicts only: figures would differ each time. */
export function pageWithScores(page: string, scored: readonly ScoredCell[]): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`the page lacks ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n${generated(scored)}${END}${after}`;
}

function generated(scored: readonly ScoredCell[]): string {
  const values = NOT_DEFAULT.map(([name, value, usual]) => `\`${name}\` ${ms(value)} (${ms(usual)})`);
  return [
    `Set otherwise than by default (the default in brackets, in milliseconds): ${values.join(', ')}. As by default:`,
    `\`maxRetries\` ${ROUTER.retries.maxRetries} and all else. One fallback.`,
    '',
    '| id | the provider … | the router must … |',
    '|---|---|---|',
    ...SCENARIOS.map(({ id, provider, router }) => `| ${id} | ${provider} | ${router} |`),
    '',
    `| verdict | ${PROTOCOLS.join(' | ')} |`,
    `|---|${PROTOCOLS.map(() => '---').join('|')}|`,
    ...(['pass', 'safe', 'fail', 'n/a'] as const).map(
      (verdict) => `| ${verdict} | ${PROTOCOLS.map((name) => count(scored, name, verdict)).join(' | ')} |`,
    ),
    '',
    `| id | surface | ${PROTOCOLS.join(' | ')} |`,
    `|---|---|${PROTOCOLS.map(() => '---').join('|')}|`,
    ...lines(scored),
    '',
    ...reasons(scored),
    '',
  ].join('\n');
}

const ms = (value: number): string => value.toLocaleString('en-US');

const count = (scored: readonly ScoredCell[], protocol: string, verdict: string): number =>
  scored.filter(({ cell, verdict: given }) => cell.place.protocol === protocol && given === verdict).length;

function lines(scored: readonly ScoredCell[]): string[] {
  return SCENARIOS.flatMap((scenario) =>
    SURFACES.map((surface) => {
      const cells = scored.filter(({ cell }) => cell.scenario === scenario && cell.place.surface === surface);
      return `| ${scenario.id} | ${surface.name} | ${cells.map(({ verdict }) => verdict).join(' | ')} |`;
    }),
  );
}

/** Why a cell is `n/a`, once for all cells that have the reason. */
function reasons(scored: readonly ScoredCell[]): string[] {
  const cellsOf = new Map<string, ScoredCell[]>();
  for (const each of scored.filter(({ verdict }) => verdict === 'n/a')) {
    const reason = each.reasons[0]!;
    cellsOf.set(reason, [...(cellsOf.get(reason) ?? []), each]);
  }
  return [...cellsOf].map(([reason, cells]) => {
    const all = <Key>(keyOf: (cell: Cell) => Key): string =>
      [...new Set(cells.map(({ cell }) => keyOf(cell)))].join(', ');
    const where = `${all(({ place }) => place.surface.name)}; ${all(({ place }) => place.protocol)}`;
    return `- ${all(({ scenario }) => scenario.id)} (${where}): ${reason}`;
  });
}
