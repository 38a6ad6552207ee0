import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CacheRow } from '../../../src/cache/entry.ts';
import { freshPath, numberOf, openStore, rowOf, runChild, saved, sql } from './fixture.ts';

const PAGE_BYTES = 4_096;
const modeOf = (path: string): number => statSync(path).mode & 0o777;
const numbers = (rows: readonly CacheRow[]): number[] => rows.map(numberOf);
const aside = (path: string): string[] => readdirSync(dirname(path)).filter((name) => name.includes('.corrupt-'));

it('gives back what was put, the least recently stored first', async () => {
  const path = freshPath();
  const full = rowOf(3, {
    answer: {
      content: 'all of it',
      reasoning: 'because',
      finishReason: 'stop',
      usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 },
      toolCalls: [{ id: 'call_0', name: 'look', arguments: '{}' }],
      modelUsed: 'large',
      provider: 'openai',
    },
  });
  const bare = rowOf(1, { text: null, vector: null });
  await saved(path, [full, rowOf(2), bare]);
  const { rows, dropped, warning } = await openStore(path);
  expect(rows).toEqual([bare, rowOf(2), full]);
  expect(dropped).toEqual({ vectors: 0, expired: 0, invalid: 0 });
  expect(warning).toBeNull();
});

// A text that SQLite would change is not kept, and the row only found by its key.
const asKept = (row: CacheRow): CacheRow =>
  row.text?.includes('\0') || row.text === '\ud800' ? { ...row, text: null, vector: null } : row;

it('gives back any answer, text, vector and time as it was', async () => {
  const words = fc.string({ unit: 'grapheme', maxLength: 20 });
  const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.constantFrom('before\0after', '\ud800'));
  const quarters = fc.integer({ min: 0, max: 1e12 }).map((count) => count / 4);
  const vector = fc
    .float32Array({ minLength: 3, maxLength: 3, min: -1_000, max: 1_000, noNaN: true })
    .map((values) => Float32Array.of(1, ...values));
  const row = fc.record({
    text: fc.option(text),
    content: text,
    storedAt: quarters,
    expiresAt: fc.oneof(
      quarters.map((ms) => 1_800_000_000_000 + ms),
      fc.constant(Number.POSITIVE_INFINITY),
    ),
    tenant: fc.option(words),
    cacheScope: fc.option(words),
    vector: fc.option(vector),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), async (list) => {
      const path = freshPath();
      const given = list.map(({ content, ...rest }, index) =>
        rowOf(index, { ...rest, answer: { ...rowOf(0).answer, content } }),
      );
      await saved(path, given);
      const { store, rows } = await openStore(path);
      await store.close();
      expect(rows).toEqual(given.toSorted((a, b) => a.storedAt - b.storedAt).map(asKept));
    }),
    { numRuns: 10 },
  );
});

it('keeps the last version of a row, and its aliases', async () => {
  const path = freshPath();
  const { store } = await openStore(path);
  store.put(rowOf(1, { vector: null }));
  store.putAlias('z, alias of 1', rowOf(1).key);
  store.putAlias('alias of 1', rowOf(1).key);
  store.putAlias('past alias of 1', rowOf(1).key);
  store.put(rowOf(2));
  store.putAlias('alias of 2', rowOf(2).key);
  store.putAlias('alias of nothing', rowOf(9).key);
  await store.flush();
  store.put(rowOf(1));
  store.deleteAlias('past alias of 1');
  store.delete(rowOf(2).key);
  await store.close();
  const { rows, aliases } = await openStore(path);
  expect(rows).toEqual([rowOf(1)]);
  expect(aliases).toEqual([
    ['z, alias of 1', rowOf(1).key],
    ['alias of 1', rowOf(1).key],
  ]);
});

it('drops what has expired, its aliases too, and is rid of it at the next flush', async () => {
  const path = freshPath();
  const expiresAt = 1_700_000_000_000 + 500;
  const before = await openStore(path);
  before.store.put(rowOf(1, { expiresAt }));
  before.store.put(rowOf(2));
  before.store.putAlias('alias', rowOf(1).key);
  await before.store.close();
  const later = { clock: Object.assign(before.clock, { wallNow: () => expiresAt }) };
  const { store, rows, aliases, dropped } = await openStore(path, later);
  expect([numbers(rows), aliases, dropped.expired]).toEqual([[2], [], 1]);
  await before.clock.advance(1_000);
  await store.close();
  expect(await sql(path, 'SELECT count(*) AS n FROM entries', 'SELECT count(*) AS n FROM aliases')).toEqual([
    { n: 1 },
    { n: 0 },
  ]);
});

it('drops the vectors of another embedder and keeps the rows', async () => {
  const path = freshPath();
  await saved(path, [rowOf(1), rowOf(2), rowOf(3, { vector: null })], { embedderId: 'old' });
  const { store, rows, dropped } = await openStore(path, { embedderId: 'new' });
  expect(rows).toEqual([1, 2, 3].map((number) => rowOf(number, { vector: null })));
  expect(dropped.vectors).toBe(2);
  store.put(rowOf(2));
  await store.close();
  const again = await openStore(path, { embedderId: 'new' });
  expect(again.rows).toEqual([rowOf(1, { vector: null }), rowOf(2), rowOf(3, { vector: null })]);
  await again.store.close();
  expect((await openStore(path, { embedderId: 'old' })).dropped.vectors).toBe(1);
});

it("is rid of another embedder's vectors after an interval, though nothing is put", async () => {
  const path = freshPath();
  await saved(path, [rowOf(1)], { embedderId: 'old' });
  const { store, clock } = await openStore(path, { embedderId: 'new' });
  expect(clock.pending).toBe(1);
  await clock.advance(1_000);
  await store.close();
  expect(await sql(path, 'SELECT vector FROM entries', 'SELECT value FROM meta')).toEqual([
    { vector: null },
    { value: 'new' },
  ]);
});

it('leaves the vectors where they are while there is no embedder', async () => {
  const path = freshPath();
  await saved(path, [rowOf(1)]);
  const { store, rows, dropped } = await openStore(path, { embedderId: null });
  expect([rows[0]!.vector, dropped.vectors]).toEqual([null, 0]);
  store.put(rowOf(2));
  await store.close();
  expect((await openStore(path)).rows).toEqual([rowOf(1), rowOf(2, { vector: null })]);
});

it('makes a missing folder and the file for their owner alone, the log beside it too', async () => {
  const folder = join(dirname(freshPath()), 'a', 'b');
  const path = join(folder, 'cache.db');
  const { store } = await openStore(path);
  store.put(rowOf(1));
  await store.flush();
  expect([modeOf(dirname(folder)), modeOf(folder)]).toEqual([0o700, 0o700]);
  for (const name of readdirSync(folder)) expect([name, modeOf(join(folder, name))]).toEqual([name, 0o600]);
  expect(readdirSync(folder)).toContain('cache.db-wal');
});

it('takes a file that others may read from them', async () => {
  const path = freshPath();
  await saved(path, [rowOf(1)]);
  chmodSync(path, 0o644);
  const { store } = await openStore(path);
  store.put(rowOf(2));
  await store.flush();
  expect(readdirSync(dirname(path)).map((name) => modeOf(join(dirname(path), name)))).toEqual([0o600, 0o600]);
});

it.each([
  ['no database at all', async (path: string) => writeFileSync(path, 'no database at all '.repeat(1_000))],
  ['cut in half', async (path: string) => truncateSync(path, 20_480)],
  ['overwritten in its middle', async (path: string) => writeFileSync(path, readFileSync(path).fill(7, 8_192, 24_576))],
  [
    'damaged where nothing is read',
    async (path: string) => {
      const index = "SELECT rootpage AS page FROM sqlite_schema WHERE name = 'sqlite_autoindex_entries_1'";
      const [root] = await sql(path, index);
      const end = (root!['page'] as number) * PAGE_BYTES;
      writeFileSync(path, readFileSync(path).fill('k', end - 200, end));
    },
  ],
  ['without a table that it should have', (path: string) => sql(path, 'DROP TABLE aliases')],
])('sets a file aside that is %s, and begins anew', async (_, damage) => {
  const path = freshPath();
  await saved(
    path,
    Array.from({ length: 30 }, (_, number) => rowOf(number)),
  );
  await damage(path);
  const damaged = readFileSync(path);
  const { store, rows, warning, warnings, clock } = await openStore(path);
  const name = `cache.db.corrupt-${clock.wallNow()}`;
  expect(rows).toEqual([]);
  expect(warning).toContain(name);
  expect(warnings).toEqual([warning]);
  expect(aside(path)).toEqual([name]);
  expect(readFileSync(join(dirname(path), name)).equals(damaged)).toBe(true);
  store.put(rowOf(1));
  await store.close();
  expect(numbers((await openStore(path)).rows)).toEqual([1]);
});

it.each([
  ['of another application', 'PRAGMA application_id = 7', 'another application'],
  ['of a later version', 'PRAGMA user_version = 2', 'later version'],
])('leaves a file %s alone and keeps nothing', async (_, statement, words) => {
  const path = freshPath();
  await saved(path, [rowOf(1)]);
  await sql(path, statement);
  chmodSync(path, 0o640);
  const bytes = readFileSync(path);
  const { store, rows, warning } = await openStore(path);
  store.put(rowOf(2));
  await store.close();
  expect(rows).toEqual([]);
  expect(warning).toContain(words);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect([modeOf(path), aside(path)]).toEqual([0o640, []]);
});

it('leaves a database alone that has tables but no mark', async () => {
  const path = freshPath();
  await sql(path, 'CREATE TABLE notes (text)');
  expect((await openStore(path)).warning).toContain('another application');
  expect(await sql(path, 'SELECT name FROM sqlite_schema')).toEqual([{ name: 'notes' }]);
});

it('refuses a second store in the same process, and the first keeps its lock', async () => {
  const path = freshPath();
  const first = await openStore(path);
  const second = await openStore(path);
  expect(second.warning).toContain('in use by another router');
  second.store.put(rowOf(2));
  await second.store.close();
  const other = await runChild('open', path);
  await other.ended;
  expect(other.lines[0]!['warning']).toContain('in use by another router');
  first.store.put(rowOf(1));
  await first.store.close();
  expect(numbers((await openStore(path)).rows)).toEqual([1]);
});

it('drops rows whose answer is none and vectors without a direction, and is rid of the rows', async () => {
  const path = freshPath();
  await saved(
    path,
    [1, 2, 3, 4, 5, 6, 7].map((number) => rowOf(number)),
  );
  const at = (number: number): string => `WHERE key = '${rowOf(number).key}'`;
  await sql(
    path,
    `UPDATE entries SET answer = '{"content":' ${at(1)}`,
    `UPDATE entries SET answer = '{"content":"no model"}' ${at(2)}`,
    `UPDATE entries SET answer = 'null' ${at(3)}`,
    `UPDATE entries SET vector = zeroblob(32) ${at(4)}`,
    `UPDATE entries SET vector = x'010203' ${at(5)}`,
    `UPDATE entries SET vector = x'0000c07f' ${at(6)}`,
  );
  const { store, rows, dropped } = await openStore(path);
  expect(rows).toEqual([4, 5, 6].map((number) => rowOf(number, { vector: null })).concat(rowOf(7)));
  expect(dropped).toEqual({ vectors: 3, expired: 0, invalid: 3 });
  await store.close();
  expect((await openStore(path)).dropped.invalid).toBe(0);
});

it('loads many pages', async () => {
  const path = freshPath();
  const rows = Array.from({ length: 1_234 }, (_, number) => rowOf(number));
  await saved(path, rows);
  expect((await openStore(path)).rows).toEqual(rows);
});

it('starts without persistence where nothing can be written', async () => {
  const path = freshPath();
  writeFileSync(join(dirname(path), 'file'), '');
  mkdirSync(join(dirname(path), 'folder'));
  const inFile = await openStore(join(dirname(path), 'file', 'cache.db'));
  const folder = await openStore(join(dirname(path), 'folder'));
  expect(inFile.warning).toContain('nothing is kept');
  expect(folder.warning).toContain('nothing is kept');
  inFile.store.put(rowOf(1));
  await inFile.store.flush();
  expect(existsSync(path)).toBe(false);
});

it.each([
  ['a folder in which it must not write', 0o555, null],
  ['a file that it must not write', 0o777, 0o444],
])('starts without persistence in %s', async (_, folderMode, fileMode) => {
  const path = freshPath();
  if (fileMode !== null) {
    await saved(path, [rowOf(1)]);
    chmodSync(path, fileMode);
  }
  const before = readdirSync(dirname(path));
  chmodSync(dirname(path), folderMode);
  const child = await runChild('close', path, { isNobody: true });
  await child.ended;
  chmodSync(dirname(path), 0o700);
  expect([child.process.exitCode, child.lines]).toEqual([
    0,
    [{ closed: true, warning: expect.stringContaining('nothing is kept') }],
  ]);
  expect(readdirSync(dirname(path))).toEqual(before);
});

it('says what to install when there is no SQLite', async () => {
  const opening = openStore(freshPath(), { engines: ['node:nowhere', 'no-such-package'] });
  await expect(opening).rejects.toThrow('Node 22.13 or later, or the package @photostructure/sqlite');
});

it.each([
  ['ends', 'process.exit()'],
  ['throws', 'setTimeout(() => { throw new Error(); }); await new Promise(() => {})'],
])('starts without persistence when its thread %s', async (_, code) => {
  const { warning, store } = await openStore(freshPath(), { engines: [`data:text/javascript,${code}`] });
  expect(warning).toContain('cannot be used (thread_gone); nothing is kept');
  await store.close();
});

it('does not keep its process alive, but a close does while it is awaited', async () => {
  const path = freshPath();
  const left = await runChild('open', path);
  await left.ended;
  expect([left.process.exitCode, left.lines]).toEqual([0, [{ rows: 0, warning: null }]]);
  const closing = await runChild('close', path);
  await closing.ended;
  expect([closing.process.exitCode, closing.lines]).toEqual([0, [{ closed: true, warning: null }]]);
  expect(numbers((await openStore(path)).rows)).toEqual([1]);
});
