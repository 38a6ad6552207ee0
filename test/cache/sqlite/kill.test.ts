import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { hashSeed, nextRandom } from '../../../src/random.ts';
import { freshPath, numberOf, openStore, runChild, sql } from './fixture.ts';

const KILLS = 20;
const INTERVAL_MS = 100;
/** From the moment a row is put: an interval, and what a busy machine takes to write. */
const LOST_AT_MOST_MS = INTERVAL_MS + 400;

it('loses no more than the last interval when its process is killed, and the file is whole', async () => {
  let seed = hashSeed('kill');
  for (let kill = 0; kill < KILLS; kill++) {
    const { value, seed: next } = nextRandom(seed);
    seed = next;
    const path = freshPath();
    let safe = -1;
    const put: { number: number; at: number }[] = [];
    const child = await runChild(kill % 2 === 0 ? 'flushing' : 'putting', path, {
      onLine: (line) => {
        if ('flushed' in line) safe = line['flushed'] as number;
        if ('put' in line) put.push({ number: line['put'] as number, at: performance.now() });
      },
    });
    await child.started;
    await setTimeout(value * 900);
    child.process.kill('SIGKILL');
    const killedAt = performance.now();
    await child.ended;
    for (const { number, at } of put) if (at < killedAt - LOST_AT_MOST_MS) safe = number;

    const { rows, warning, dropped, store } = await openStore(path);
    await store.close();
    const kept = new Set(rows.map(numberOf));
    const lost = Array.from({ length: safe + 1 }, (_, number) => number).filter((number) => !kept.has(number));
    expect({ kill, lost, warning, dropped }).toEqual({
      kill,
      lost: [],
      warning: null,
      dropped: { vectors: 0, expired: 0, invalid: 0 },
    });
    expect(await sql(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  }
}, 120_000);
