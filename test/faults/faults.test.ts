import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CELLS, type Cell, nameOf, runWall, SCENARIOS, type Score } from './scorecard.ts';
import { pageWithScores } from './scorecard-page.ts';

const PAGE = new URL('../../docs/comparison.md', import.meta.url);
/** The longest scenario is an outage of a minute, and the way back from it. */
const LIMIT_MS = 120_000;

let wall: Awaited<ReturnType<typeof runWall>>;
const scoreOf = (cell: Cell): Promise<Score> => wall.scores.get(cell)!;

// All of them run from the start, whatever the order in which they are looked at.
beforeAll(async () => {
  wall = await runWall();
});
afterAll(() => wall.stop());

describe('the router, when a provider fails on the wire', () => {
  it.each(CELLS.filter(({ inapplicable }) => inapplicable === undefined).map((cell) => [nameOf(cell), cell] as const))(
    '%s',
    async (_, cell) => {
      const { verdict, reasons } = await scoreOf(cell);
      expect({ verdict, reasons }).toEqual({ verdict: 'pass', reasons: [] });
    },
    LIMIT_MS,
  );
});

describe('the scorecard', () => {
  it('has every scenario', () => {
    const ids = Array.from({ length: 16 }, (_, index) => `S${String(index + 1).padStart(2, '0')}`);
    expect(SCENARIOS.map(({ id }) => id)).toEqual(ids);
  });

  it('leaves out what a surface or a protocol does not know, and nothing else', () => {
    const left = CELLS.filter(({ inapplicable }) => inapplicable !== undefined).map(nameOf);
    const places = (id: string, surfaces: readonly string[], protocols: readonly string[]) =>
      surfaces.flatMap((surface) => protocols.map((protocol) => `${id} ${surface} ${protocol}`));
    const [whole, streamed] = [
      ['generate', 'server generate'],
      ['stream', 'server stream'],
    ] as const;
    const both = ['openai', 'ollama'];
    expect(left.sort()).toEqual(
      [
        ...['S08', 'S09', 'S10', 'S11'].flatMap((id) => places(id, whole, both)),
        ...places('S11', streamed, ['ollama']),
        ...['S12', 'S13'].flatMap((id) => places(id, [...whole, ...streamed], ['ollama'])),
      ].sort(),
    );
  });

  it(
    'is what docs/comparison.md shows (npm run faults writes it)',
    async () => {
      const page = readFileSync(PAGE, 'utf8');
      const scored = await Promise.all(CELLS.map(async (cell) => ({ cell, ...(await scoreOf(cell)) })));
      const current = pageWithScores(page, scored);
      if (process.env['FAULTS'] === 'write') writeFileSync(PAGE, current);
      else expect(page).toBe(current);
    },
    LIMIT_MS,
  );
});
