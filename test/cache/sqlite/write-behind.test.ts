import { platform } from 'node:os';
import { expect, it } from 'vitest';
import type { CacheStore } from '../../../src/cache/store.ts';
import { freshPath, keysWritten, numberOf, openStore, rowOf, runChild, saved, sql } from './fixture.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

it('writes when a row has waited for an interval', async () => {
  const path = freshPath();
  const { store, clock } = await openStore(path, { flushIntervalMs: 500 });
  store.put(rowOf(1));
  store.put(rowOf(2));
  await clock.advance(499);
  expect([await keysWritten(path), clock.pending]).toEqual([[], 1]);
  await clock.advance(1);
  await expect.poll(() => keysWritten(path), { timeout: 5_000 }).toEqual([rowOf(1).key, rowOf(2).key]);
  expect(clock.pending).toBe(0);
});

it('writes at once when fifty rows wait', async () => {
  const path = freshPath();
  const { store, clock } = await openStore(path);
  for (const number of upTo(49)) store.put(rowOf(number));
  await clock.advance(999);
  expect(await keysWritten(path)).toEqual([]);
  store.put(rowOf(49));
  await expect.poll(() => keysWritten(path), { timeout: 5_000 }).toHaveLength(50);
});

it('has written all that was given when a flush resolves, and keeps up afterwards', async () => {
  const path = freshPath();
  const { store, clock } = await openStore(path);
  for (const number of upTo(250)) store.put(rowOf(number));
  const flushed = store.flush();
  store.put(rowOf(250));
  await flushed;
  expect((await keysWritten(path)).length).toBeGreaterThanOrEqual(250);
  await clock.advance(1_000);
  await expect.poll(() => keysWritten(path), { timeout: 5_000 }).toHaveLength(251);
});

it('closes once, flushes before, and takes nothing afterwards', async () => {
  const path = freshPath();
  const { store, clock, failures } = await openStore(path);
  store.put(rowOf(1));
  const closed = store.close();
  store.put(rowOf(2));
  expect(store.close()).toBe(closed);
  await closed;
  await store.flush();
  expect([clock.pending, failures]).toEqual([0, []]);
  expect((await openStore(path)).rows.map(numberOf)).toEqual([1]);
});

it('deletes from the file with a flush what has expired since it was opened', async () => {
  const path = freshPath();
  const { store, clock } = await openStore(path);
  store.put(rowOf(1, { expiresAt: clock.wallNow() + 10_000 }));
  store.put(rowOf(2));
  await store.flush();
  await clock.advance(10_000);
  await store.flush();
  expect(await keysWritten(path)).toEqual([rowOf(2).key]);
});

it('counts a row that SQLite never takes, and writes the others', async () => {
  const path = freshPath();
  const { store, failures } = await openStore(path);
  store.put(rowOf(1, { storedAt: Number.NaN }));
  store.put(rowOf(2, { answer: { ...rowOf(2).answer, usage: { totalTokens: 1n } } }));
  store.put(rowOf(3, { text: undefined }));
  store.put(rowOf(4, { tenant: 'a\0b' }));
  store.put(rowOf(5));
  await store.close();
  expect(failures).toEqual([{ code: 'refused', dropped: 4, waiting: 0 }]);
  expect((await openStore(path)).rows.map(numberOf)).toEqual([5]);
});

/** A file in which no transaction succeeds that writes a row with the text "fault". */
async function faultyPath(): Promise<string> {
  const path = freshPath();
  await saved(path, []);
  await sql(path, "CREATE TRIGGER fault BEFORE INSERT ON entries WHEN new.text = 'fault' BEGIN SELECT json('{'); END");
  return path;
}

it('tries again at each flush what could not be written, and says so once', async () => {
  const path = await faultyPath();
  const { store, clock, failures, warnings } = await openStore(path);
  store.put(rowOf(0));
  store.put(rowOf(1, { text: 'fault' }));
  await store.flush();
  expect(await keysWritten(path)).toEqual([]);
  await clock.advance(1_000);
  await expect.poll(() => failures).toHaveLength(2);
  expect(failures[1]).toEqual({ code: 'failed', dropped: 0, waiting: 2 });
  expect(warnings).toHaveLength(1);
  await store.close();
  expect(failures.at(-1)).toEqual({ code: 'failed', dropped: 2, waiting: 0 });
});

it('gives the oldest rows up when more than ten thousand wait, and goes on with the others', async () => {
  const path = await faultyPath();
  const { store, failures } = await openStore(path);
  store.put(rowOf(0, { text: 'fault' }));
  await store.flush();
  for (const number of upTo(10_001)) store.put(rowOf(1 + number, { vector: null }));
  await store.close();
  expect(failures).toEqual([
    { code: 'failed', dropped: 0, waiting: 1 },
    { code: 'overrun', dropped: 2, waiting: 0 },
  ]);
  const { rows } = await openStore(path);
  expect([rows.length, numberOf(rows[0]!)]).toEqual([10_000, 2]);
});

it.each([
  ['row', (store: CacheStore) => store.delete(rowOf(1).key)],
  ['alias', (store: CacheStore) => store.deleteAlias('alias')],
])('begins the file anew rather than forget that the %s was deleted', async (_, remove) => {
  const path = freshPath();
  await saved(path, [rowOf(1), rowOf(2)]);
  const { store } = await openStore(path);
  remove(store);
  for (const number of upTo(10_000)) store.put(rowOf(10 + number, { vector: null }));
  await store.close();
  const { rows } = await openStore(path);
  expect([rows.length, numberOf(rows[0]!)]).toEqual([10_000, 10]);
});

it.skipIf(platform() !== 'linux')('outlives a file that must not grow, and writes what waits when it may', async () => {
  const path = freshPath();
  const child = await runChild('growing', path, { limitKb: 400 });
  await child.ended;
  expect(child.process.exitCode).toBe(0);
  const [full, after] = child.lines as { failures: { code: string }[]; warning?: null }[];
  expect(full!.failures.length).toBeGreaterThan(0);
  expect(after).toEqual({ failures: full!.failures, warning: null });
  expect((await openStore(path)).rows).toHaveLength(1_000);
});
