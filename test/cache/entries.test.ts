import { describe, expect, it } from 'vitest';
import { CacheEntries, type CacheEntriesOptions } from '../../src/cache/entries.ts';
import { createVectorIndex, type VectorIndex } from '../../src/cache/vector-index.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { KeptRows, rowOf } from './kept-rows.ts';

const newIndex = (): VectorIndex =>
  createVectorIndex({ dimensions: 2, maxEntries: 10, hnsw: null, logger: { warn() {}, error() {} } as never });

const UP = Float32Array.of(0, 1);
const RIGHT = Float32Array.of(1, 0);
const UNUSABLE = Float32Array.of(Number.NaN, 1);

function rig(options: Partial<CacheEntriesOptions> = {}) {
  const clock = new VirtualClock();
  const store = new KeptRows();
  const gone: string[] = [];
  const onGone = (key: string): void => void gone.push(key);
  const entries = new CacheEntries({ maxEntries: 3, clock, store, onGone, ...options });
  const index = newIndex();
  entries.useIndex(index);
  const at = (ms: number): number => clock.wallNow() + ms;
  return { clock, store, gone, entries, index, at };
}

describe('a stored row', () => {
  it('is found by its key, without its vector', () => {
    const { entries } = rig();
    const { vector: _, ...row } = rowOf('a', { vector: UP });
    expect(entries.put(rowOf('a', { vector: UP }))).toBe(true);
    expect(entries.get('a')).toMatchObject(row);
    expect(entries.get('b')).toBeUndefined();
  });

  it('is found by the slot of its vector', () => {
    const { entries, index } = rig();
    entries.put(rowOf('a', { vector: UP }));
    entries.put(rowOf('b', { vector: RIGHT }));
    const [nearest] = index.search('scope', RIGHT, 1);
    expect(entries.bySlot(nearest!.slot)?.key).toBe('b');
    expect(entries.bySlot(9)).toBeUndefined();
  });

  it('goes when it was used longest ago and there are too many', () => {
    const { entries, store, gone } = rig();
    for (const key of ['a', 'b', 'c']) entries.put(rowOf(key));
    entries.get('a');
    entries.put(rowOf('d'));
    expect(gone).toEqual(['b']);
    expect([...store.rows.keys()]).toEqual(['a', 'c', 'd']);
    expect(entries.stats()).toMatchObject({ entries: 3, evictions: 1, expirations: 0 });
  });

  it('is not used by being looked at through its slot', () => {
    const { entries, index, gone } = rig();
    for (const key of ['a', 'b', 'c']) entries.put(rowOf(key, { vector: UP }));
    const slots = index.search('scope', UP, 3).map(({ slot }) => slot);
    expect(slots.find((slot) => entries.bySlot(slot)?.key === 'a')).toBeDefined();
    entries.put(rowOf('d'));
    expect(gone).toEqual(['a']);
  });

  it('takes its vector, its aliases and its place in the store with it', () => {
    const { entries, store, index } = rig();
    entries.put(rowOf('a', { vector: UP }));
    entries.addAlias('other', 'a');
    expect(entries.delete('a')).toBe(true);
    expect(entries.delete('a')).toBe(false);
    expect(entries.get('other')).toBeUndefined();
    expect(index.stats().vectors).toBe(0);
    expect(store.rows.size + store.aliases.size).toBe(0);
    expect(entries.stats()).toEqual({ entries: 0, withVector: 0, aliases: 0, evictions: 0, expirations: 0 });
  });

  it('gives way to a later one with its key, which its aliases do not find', () => {
    const { entries, store, gone, index } = rig();
    entries.put(rowOf('a', { vector: UP }));
    entries.addAlias('other', 'a');
    entries.put(rowOf('a', { vector: RIGHT, answer: { content: 'new', modelUsed: 'm', provider: 'p' } }));
    expect(entries.get('a')?.answer.content).toBe('new');
    expect(entries.get('other')).toBeUndefined();
    expect(store.rows.get('a')?.answer.content).toBe('new');
    expect(store.aliases.size).toBe(0);
    expect(index.stats().vectors).toBe(1);
    expect(gone).toEqual(['a']);
    expect(entries.stats()).toMatchObject({ entries: 1, evictions: 0, expirations: 0 });
  });
});

describe('a row that expires', () => {
  it('is given out until that instant and never from it on', async () => {
    const { clock, entries, at } = rig();
    entries.put(rowOf('a', { expiresAt: at(1_000) }));
    await clock.advance(999);
    expect(entries.get('a')).toBeDefined();
    await clock.advance(1);
    expect(entries.get('a')).toBeUndefined();
    expect(entries.stats()).toMatchObject({ entries: 0, expirations: 1, evictions: 0 });
  });

  it('does so where the wall clock begins at 0', () => {
    let now = 0;
    const { entries } = rig({ clock: { wallNow: () => now } });
    entries.put(rowOf('a', { expiresAt: 5 }));
    now = 4;
    expect(entries.get('a')).toBeDefined();
    now = 5;
    expect(entries.get('a')).toBeUndefined();
  });

  it('is not put off by being used', async () => {
    const { clock, entries, at } = rig();
    entries.put(rowOf('a', { expiresAt: at(10) }));
    await clock.advance(9);
    entries.get('a');
    await clock.advance(1);
    expect(entries.get('a')).toBeUndefined();
  });

  it('takes everything of it along when it is come across, by whichever way', async () => {
    for (const way of ['get', 'alias', 'slot', 'purgeStale', 'purge'] as const) {
      const { clock, store, gone, entries, index, at } = rig();
      entries.put(rowOf('a', { vector: UP, expiresAt: at(10) }));
      entries.addAlias('other', 'a');
      await clock.advance(10);
      const [nearest] = index.search('scope', UP, 1);
      if (way === 'get') expect(entries.get('a')).toBeUndefined();
      if (way === 'alias') expect(entries.get('other')).toBeUndefined();
      if (way === 'slot') expect(entries.bySlot(nearest!.slot)).toBeUndefined();
      if (way === 'purgeStale') expect(entries.purgeStale()).toBe(1);
      if (way === 'purge') expect(entries.purge({ key: 'nobody' })).toBe(0);
      expect(entries.stats(), way).toEqual({ entries: 0, withVector: 0, aliases: 0, evictions: 0, expirations: 1 });
      expect(index.stats().vectors + store.rows.size + store.aliases.size).toBe(0);
      expect(gone).toEqual(['a']);
    }
  });

  it('gets neither an alias nor a vector any more', async () => {
    const { clock, entries, at } = rig();
    entries.put(rowOf('a', { expiresAt: at(10) }));
    await clock.advance(10);
    expect(entries.addAlias('other', 'a')).toBe(false);
    expect(entries.setVector('a', UP)).toBe(false);
  });

  it('needs no timer', () => {
    const { clock, entries, at } = rig();
    entries.put(rowOf('a', { expiresAt: at(10) }));
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    entries.get('a');
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBe(before);
    expect(clock.pending).toBe(0);
  });
});

describe('an alias', () => {
  it('finds the row and counts as its use', () => {
    const { entries, gone } = rig();
    for (const key of ['a', 'b', 'c']) entries.put(rowOf(key));
    expect(entries.addAlias('other', 'a')).toBe(true);
    expect(entries.get('other')?.key).toBe('a');
    entries.put(rowOf('d'));
    expect(gone).toEqual(['b']);
  });

  it('leads where it was led last', () => {
    const { entries, store } = rig();
    entries.put(rowOf('a'));
    entries.put(rowOf('b'));
    entries.addAlias('other', 'a');
    entries.addAlias('other', 'b');
    entries.delete('a');
    expect(entries.get('other')?.key).toBe('b');
    expect(store.aliases).toEqual(new Map([['other', 'b']]));
  });

  it('is outranked by a row of that very key', () => {
    const { entries } = rig();
    entries.put(rowOf('a'));
    entries.addAlias('b', 'a');
    entries.put(rowOf('b'));
    expect(entries.get('b')?.key).toBe('b');
  });

  it('goes when it is the oldest of too many, in the store too', () => {
    const { entries, store } = rig();
    entries.put(rowOf('a'));
    for (let alias = 0; alias < 40; alias++) entries.addAlias(`alias ${alias}`, 'a');
    expect(entries.stats().aliases).toBe(32);
    expect(entries.get('alias 7')).toBeUndefined();
    expect(entries.get('alias 8')?.key).toBe('a');
    expect([...store.aliases.keys()]).toEqual(Array.from({ length: 32 }, (_, at) => `alias ${at + 8}`));
  });

  it('is not taken for a row that is not there', () => {
    const { entries, store } = rig();
    expect(entries.addAlias('other', 'a')).toBe(false);
    expect(store.aliases.size).toBe(0);
  });
});

describe('a vector', () => {
  it('that the index refuses leaves the row to its key, in the store too', () => {
    const { entries, store, index } = rig();
    expect(entries.put(rowOf('a', { vector: UNUSABLE }))).toBe(false);
    expect(entries.get('a')).toBeDefined();
    expect(store.rows.get('a')?.vector).toBeNull();
    expect(index.stats().vectors).toBe(0);
    expect(entries.setVector('a', UP)).toBe(true);
    expect(entries.setVector('a', UNUSABLE)).toBe(false);
    expect(entries.stats().withVector).toBe(0);
    expect(store.rows.get('a')?.vector).toBeNull();
  });

  it('may come later', () => {
    const { entries, store, index } = rig();
    entries.put(rowOf('a'));
    entries.addAlias('other', 'a');
    expect(entries.setVector('a', UP)).toBe(true);
    expect(entries.setVector('a', RIGHT)).toBe(true);
    expect(entries.setVector('b', RIGHT)).toBe(false);
    expect(index.stats().vectors).toBe(1);
    expect(index.search('scope', RIGHT, 1)[0]?.similarity).toBeCloseTo(1);
    expect(store.rows.get('a')?.vector).toBe(RIGHT);
    expect(store.aliases.size).toBe(1);
  });

  it('waits for an index that comes later', () => {
    const clock = new VirtualClock();
    const store = new KeptRows();
    const entries = new CacheEntries({ maxEntries: 3, clock, store });
    const index = newIndex();
    for (const key of ['a', 'b']) entries.put(rowOf(key, { vector: UP }));
    entries.put(rowOf('c', { vector: UNUSABLE }));
    entries.delete('b');
    expect(entries.stats().withVector).toBe(0);
    expect(store.rows.get('c')?.vector).toBe(UNUSABLE);
    entries.useIndex(index);
    expect(entries.stats().withVector).toBe(1);
    expect(index.search('scope', UP, 2)).toHaveLength(1);
    expect(store.rows.get('a')?.vector).toBe(UP);
    expect(store.rows.get('c')?.vector).toBeNull();
  });

  it('goes with the others, expired ones among them, when there is another index', async () => {
    const { clock, entries, store, index, at } = rig();
    entries.put(rowOf('a', { vector: UP }));
    entries.put(rowOf('b', { vector: UP, expiresAt: at(10) }));
    await clock.advance(10);
    const other = newIndex();
    entries.useIndex(other);
    expect(index.stats().vectors).toBe(0);
    expect(entries.stats().withVector).toBe(0);
    expect(store.rows.get('a')?.vector).toBeNull();
    entries.put(rowOf('c', { vector: RIGHT }));
    entries.purgeStale();
    expect(other.stats().vectors).toBe(1);
    expect(entries.get('a')).toBeDefined();
  });

  it('that an index fails to take for a reason of its own is an error', () => {
    const { entries } = rig();
    entries.useIndex({
      add() {
        throw new TypeError('broken');
      },
      remove() {},
    });
    expect(() => entries.put(rowOf('a', { vector: UP }))).toThrow('broken');
  });
});

describe('what the store held', () => {
  it('is taken up without being written again', () => {
    const { entries, store, index, at } = rig();
    expect(entries.restore(rowOf('a', { vector: UP, expiresAt: at(10) }))).toBe(true);
    expect(entries.restoreAlias('other', 'a')).toBe(true);
    expect(entries.restoreAlias('another', 'b')).toBe(false);
    expect(entries.get('other')?.key).toBe('a');
    expect(index.stats().vectors).toBe(1);
    expect(store.rows.size + store.aliases.size).toBe(0);
  });

  it('does not take the place of what is newer', () => {
    const { entries, store } = rig();
    entries.put(rowOf('a', { scope: 'new' }));
    expect(entries.restore(rowOf('a', { scope: 'old' }))).toBe(true);
    expect(entries.get('a')?.scope).toBe('new');
    expect(store.rows.get('a')?.scope).toBe('new');
  });

  it('is deleted there when it is more than there is room for', () => {
    const { entries, store } = rig();
    for (const key of ['a', 'b', 'c', 'd']) {
      store.put(rowOf(key));
      entries.restore(rowOf(key));
    }
    expect([...store.rows.keys()]).toEqual(['b', 'c', 'd']);
  });
});

describe('a purge', () => {
  it('takes away all for which everything holds that is given, and counts them', async () => {
    const { clock, entries, store, at } = rig({ maxEntries: 9 });
    entries.put(rowOf('a', { storedAt: at(0), scope: 'x' }));
    entries.put(rowOf('b', { storedAt: at(0) }));
    entries.put(rowOf('c', { storedAt: at(5), scope: 'x' }));
    entries.put(rowOf('d', { storedAt: at(5), text: null }));
    entries.addAlias('other', 'd');
    await clock.advance(10);
    expect(entries.purge({ olderThanMs: 5, scope: 'x' })).toBe(1);
    expect([...store.rows.keys()]).toEqual(['b', 'c', 'd']);
    expect(entries.purge({ key: 'other' })).toBe(1);
    expect([...store.rows.keys()]).toEqual(['b', 'c']);
    expect(entries.purge({ key: 'b', scope: 'x' })).toBe(0);
    expect(entries.purge({ predicate: ({ text }) => text === 'text of c' })).toBe(1);
    expect(entries.purge({ key: 'b' })).toBe(1);
    expect(entries.size).toBe(0);
  });

  it('of nothing in particular takes all, as clear does', () => {
    for (const way of ['purge', 'clear'] as const) {
      const { entries, store, gone, index } = rig();
      for (const key of ['a', 'b']) entries.put(rowOf(key, { vector: UP }));
      entries.addAlias('other', 'a');
      if (way === 'purge') expect(entries.purge({})).toBe(2);
      else entries.clear();
      expect(entries.stats()).toEqual({ entries: 0, withVector: 0, aliases: 0, evictions: 0, expirations: 0 });
      expect(index.stats().vectors + store.rows.size + store.aliases.size).toBe(0);
      expect(gone.sort()).toEqual(['a', 'b']);
    }
  });
});
