import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { llmRouter } from './adapters/llm-router-queue.ts';
import { CASES, IMPLEMENTATIONS, recordAll, recorded } from './comparison.ts';
import { pageWith } from './comparison-page.ts';

const PAGE = new URL('../../docs/comparison.md', import.meta.url);

/** What it does not have: a number of slots that changes. */
const NOT_ASKED = ['Q06'];

const asked = CASES.filter(({ id }) => !NOT_ASKED.includes(id));
const kept = asked.filter(({ decided }) => decided === undefined);
const decidedOtherwise = asked.filter(({ decided }) => decided !== undefined);

describe('llm-router', () => {
  it.each(kept.map((row) => [`${row.id}: ${row.sentence}`, row] as const))('%s', async (_, row) => {
    const { verdict, error } = await recorded(row, llmRouter);
    if (error !== undefined) throw error;
    expect(verdict).toBe('pass');
  });

  it.each(
    decidedOtherwise.map((row) => [`${row.id}, decided otherwise: ${row.decided!.why}`, row] as const),
  )('%s', async (_, row) => {
    const { verdict, error } = await recorded(row, llmRouter);
    if (error !== undefined) throw error;
    expect(verdict).toBe('differs');
  });

  it('says why it cannot be asked the rest', async () => {
    const rest = CASES.filter(({ id }) => NOT_ASKED.includes(id));
    const outcomes = await Promise.all(rest.map((row) => recorded(row, llmRouter)));
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['n/a']);
  });
});

describe('the comparison', () => {
  it('has every row of both kinds once, for every library', async () => {
    const rows = await recordAll();
    const numbered = (kind: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${kind}${String(index + 1).padStart(2, '0')}`);
    expect(rows.map(({ row }) => row.id)).toEqual([...numbered('C', 48), ...numbered('Q', 8)]);
    expect(rows.flatMap(({ outcomes }) => outcomes)).toHaveLength(rows.length * IMPLEMENTATIONS.length);
  });

  it('gives a reason wherever a row does not pass', async () => {
    const rows = await recordAll();
    const silent = rows.filter(({ outcomes }) =>
      outcomes.some(({ verdict, reason = '' }) => verdict !== 'pass' && reason.length < 10),
    );
    expect(silent.map(({ row }) => row.id)).toEqual([]);
  });

  it('is what docs/comparison.md shows (npm run comparison writes it)', async () => {
    const page = readFileSync(PAGE, 'utf8');
    const current = pageWith(page, await recordAll());
    if (process.env['COMPARISON'] === 'write') writeFileSync(PAGE, current);
    else expect(page).toBe(current);
  });
});
