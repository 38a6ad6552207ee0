import { readFileSync } from 'node:fs';
import { cockatiel } from './adapters/cockatiel-bulkhead.ts';
import { llmRouter } from './adapters/llm-router-queue.ts';
import { opossum } from './adapters/opossum.ts';
import { pQueue } from './adapters/p-queue.ts';
import { underFakeTime } from './adapters/peer-time.ts';
import { BREAKER_CASES } from './breaker-cases.ts';
import type { ConformanceCase } from './conformance-case.ts';
import type { Implementation } from './interface.ts';
import { outcomeOf, type RowOutcome } from './outcome.ts';
import { QUEUE_CASES } from './queue-cases.ts';

export const IMPLEMENTATIONS: readonly Implementation[] = [llmRouter, opossum, cockatiel, pQueue];
export const CASES: readonly ConformanceCase[] = [...BREAKER_CASES, ...QUEUE_CASES];

export interface RecordedRow {
  readonly row: ConformanceCase;
  /** In the order of `IMPLEMENTATIONS`. */
  readonly outcomes: readonly RowOutcome[];
}

const known = new Map<string, Promise<RowOutcome>>();

/** How a row went; each is run once, because some are long. */
export function recorded(row: ConformanceCase, implementation: Implementation): Promise<RowOutcome> {
  const key = `${row.id} ${implementation.name}`;
  const outcome = known.get(key) ?? run(row, implementation);
  known.set(key, outcome);
  return outcome;
}

async function run(row: ConformanceCase, implementation: Implementation): Promise<RowOutcome> {
  // This project has a clock of its own; a peer has the process's.
  return implementation === llmRouter
    ? outcomeOf(row, implementation)
    : underFakeTime(() => outcomeOf(row, implementation));
}

export async function recordAll(): Promise<readonly RecordedRow[]> {
  const rows: RecordedRow[] = [];
  for (const row of CASES) {
    const outcomes: RowOutcome[] = [];
    for (const implementation of IMPLEMENTATIONS) outcomes.push(await recorded(row, implementation));
    rows.push({ row, outcomes });
  }
  return rows;
}

export const versionOf = ({ name }: Implementation): string => {
  const path = name === 'llm-router' ? '../../package.json' : `../../node_modules/${name}/package.json`;
  const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { readonly version: string };
  return version;
};
