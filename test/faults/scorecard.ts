import { setTimeout as passed } from 'node:timers/promises';
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts';
import { Bench, type Place, PROTOCOLS } from './bench.ts';
import { Findings, type Verdict } from './findings.ts';
import { JUDGEMENTS } from './judgements.ts';
import { REFUSALS } from './refusals.ts';
import type { Scenario, Variant } from './scenario.ts';
import { SILENCES } from './silences.ts';
import { SURFACES } from './surfaces.ts';

export const SCENARIOS: readonly Scenario[] = [...REFUSALS, ...SILENCES, ...JUDGEMENTS];
/** Between the beginnings of two cells. */
const MOMENT_MS = 30;
const PLACES: readonly Place[] = SURFACES.flatMap((surface) => PROTOCOLS.map((protocol) => ({ surface, protocol })));

/** A scenario on one surface in one protocol. */
export interface Cell {
  readonly scenario: Scenario;
  readonly place: Place;
  /** Why it is not asked. */
  readonly inapplicable: string | undefined;
}

export interface Score {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

export const CELLS: readonly Cell[] = SCENARIOS.flatMap((scenario) =>
  PLACES.map((place) => ({ scenario, place, inapplicable: scenario.inapplicable?.(place) })),
);

export const nameOf = ({ scenario, place }: Cell): string => `${scenario.id} ${place.surface.name} ${place.protocol}`;

/**
 * Runs every cell against one provider, each with routers of its own: all at once, but each begun a moment after the one
 * before. Begun in one turn they would read each other's answers seconds late, and be judged by that.
 */
export async function runWall(): Promise<{ scores: ReadonlyMap<Cell, Promise<Score>>; stop(): Promise<void> }> {
  const provider = await startFakeProvider(new URL('./provider.mjs', import.meta.url));
  const scores = new Map<Cell, Promise<Score>>();
  for (const cell of CELLS) {
    scores.set(cell, score(cell, provider));
    await passed(MOMENT_MS);
  }
  return { scores, stop: () => provider.stop() };
}

async function score(cell: Cell, provider: FakeProvider): Promise<Score> {
  const { scenario, place, inapplicable } = cell;
  if (inapplicable !== undefined) return { verdict: 'n/a', reasons: [inapplicable] };
  const findings = new Findings();
  const asked = scenario.variants.filter(({ isAsked = () => true }) => isAsked(place));
  await Promise.all(asked.map((variant) => runVariant(variant, cell, provider, findings)));
  return { verdict: findings.verdict, reasons: findings.reasons };
}

async function runVariant(variant: Variant, cell: Cell, provider: FakeProvider, findings: Findings): Promise<void> {
  const number = cell.scenario.variants.indexOf(variant) + 1;
  const key = `${nameOf(cell).replaceAll(' ', '-')}-${number}`;
  const bench = new Bench(key, variant, cell.place, provider, findings);
  try {
    await variant.run(bench, cell.place);
    await bench.close();
  } catch (error) {
    findings.holds(false, `broke off: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
