import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { Aliases } from './aliases.ts';
import type { CacheRow } from './entry.ts';
import type { CacheStore } from './store.ts';
import type { VectorIndex } from './vector-index.ts';

/** A row as it lies in memory; its vector lies in the index. */
export type CacheEntry = Omit<CacheRow, 'vector'>;

/** Where rows are written. Calls take effect in their order. */
export type EntryStore = Pick<CacheStore, 'put' | 'putAlias' | 'deleteAlias' | 'delete'>;

type EntryIndex = Pick<VectorIndex, 'add' | 'remove'>;

export interface CacheEntriesOptions {
  /** Rows that are kept; the one used longest ago goes first. */
  readonly maxEntries: number;
  /** Further keys under which a row is found; the oldest goes first. Default 32. */
  readonly maxAliases?: number | undefined;
  readonly clock: Pick<Clock, 'wallNow'>;
  /** null: nothing outlives the process. */
  readonly store: EntryStore | null;
  /** Hears the key of each row that goes, for whatever reason. */
  readonly onGone?: ((key: string) => void) | undefined;
}

/** Which rows `purge` takes away: those for which everything holds that is given. */
export interface PurgeFilter {
  readonly scope?: string | undefined;
  /** A row's own key or an alias of it. */
  readonly key?: string | undefined;
  /** Stored longer ago than so many milliseconds. */
  readonly olderThanMs?: number | undefined;
  readonly predicate?: ((entry: CacheEntry) => boolean) | undefined;
}

export interface CacheEntriesStats {
  /** Rows; among them are those that have expired and were not come across since. */
  readonly entries: number;
  /** Rows of which the index holds the vector. */
  readonly withVector: number;
  readonly aliases: number;
  /** Rows that had to make room, since the start. */
  readonly evictions: number;
  readonly expirations: number;
}

interface Entry extends CacheEntry {
  slot: number | null;
}

/**
 * The stored rows. The one used longest ago goes when there are too many, and each at its `expiresAt`, from which on it
 * is never given out. Index, aliases and store are kept in step with the rows, whichever way one goes.
 */
export class CacheEntries {
  readonly #rows: LRUCache<string, Entry>;
  readonly #aliases: Aliases;
  readonly #clock: Pick<Clock, 'wallNow'>;
  readonly #store: EntryStore | null;
  readonly #onGone: ((key: string) => void) | undefined;
  #index: EntryIndex | null = null;
  /** By slot, which is a small whole number. */
  readonly #indexed: (Entry | undefined)[] = [];
  #withVector = 0;
  /** Vectors for which there is no index yet. */
  readonly #waiting = new Map<Entry, Float32Array>();
  #evictions = 0;
  #expirations = 0;

  constructor({ maxEntries, maxAliases = 32, clock, store, onGone }: CacheEntriesOptions) {
    this.#aliases = new Aliases(maxAliases);
    this.#clock = clock;
    this.#store = store;
    this.#onGone = onGone;
    this.#rows = new LRUCache({
      max: maxEntries,
      // A row expires at the same instant before and after a restart, so it is the wall clock that counts.
      perf: { now: () => clock.wallNow() },
      // Any other would have it arm timers of its own.
      ttlResolution: 0,
      dispose: (entry, _, reason) => this.#release(entry, reason),
    });
  }

  get size(): number {
    return this.#rows.size;
  }

  stats(): CacheEntriesStats {
    return {
      entries: this.#rows.size,
      withVector: this.#withVector,
      aliases: this.#aliases.size,
      evictions: this.#evictions,
      expirations: this.#expirations,
    };
  }

  /** The row with that key, else the one that the key is an alias of. It counts as used. */
  get(key: string): CacheEntry | undefined {
    const own = this.#rows.get(key);
    if (own !== undefined) return own;
    const other = this.#aliases.keyOf(key);
    return other === undefined ? undefined : this.#rows.get(other);
  }

  /** The row whose vector lies in that slot. It does not count as used. */
  bySlot(slot: number): CacheEntry | undefined {
    const entry = this.#indexed[slot];
    // Asked for what has expired, `get` takes it away.
    return entry === undefined ? undefined : (this.#rows.peek(entry.key) ?? this.#rows.get(entry.key));
  }

  /**
   * Stores a row. One with the same key goes first, and its aliases with it: who said that they may share an answer has
   * not seen the new one. False: the index refused its vector, so that only its key finds it.
   */
  put(row: CacheRow): boolean {
    const isWhole = this.#attach(this.#insert(row), row.vector);
    this.#store?.put(isWhole ? row : { ...row, vector: null });
    return isWhole;
  }

  /** Takes up a row that the store holds, unless there is one already. False: the index refused its vector. */
  restore(row: CacheRow): boolean {
    if (this.#rows.has(row.key)) return true;
    return this.#attach(this.#insert(row), row.vector);
  }

  /** Lets a further key find a row. False: there is no such row. */
  addAlias(alias: string, key: string): boolean {
    const isKnown = this.restoreAlias(alias, key);
    if (isKnown) this.#store?.putAlias(alias, key);
    return isKnown;
  }

  /** Takes up an alias that the store holds. False: there is no such row. */
  restoreAlias(alias: string, key: string): boolean {
    if (!this.#rows.has(key)) return false;
    const displaced = this.#aliases.add(alias, key);
    if (displaced !== null) this.#store?.deleteAlias(displaced);
    return true;
  }

  /** Gives a row its vector. False: there is no such row, or the index refused the vector. */
  setVector(key: string, vector: Float32Array): boolean {
    const entry = this.#rows.peek(key);
    if (entry === undefined) return false;
    this.#detach(entry);
    const isTaken = this.#attach(entry, vector);
    this.#write(entry, isTaken ? vector : null);
    return isTaken;
  }

  /** Where vectors lie from now on. Those in an index before are dropped, those that waited for one are added. */
  useIndex(index: EntryIndex): void {
    if (this.#index !== null) this.dropVectors();
    this.#index = index;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [entry, vector] of waiting) {
      if (!this.#attach(entry, vector)) this.#write(entry, null);
    }
  }

  /** Leaves every row to its key alone. */
  dropVectors(): void {
    for (const entry of [...this.#indexed, ...this.#waiting.keys()]) {
      if (entry === undefined) continue;
      this.#detach(entry);
      this.#write(entry, null);
    }
  }

  delete(key: string): boolean {
    return this.#rows.delete(key);
  }

  /** Returns how many went. */
  purge({ scope, key, olderThanMs, predicate }: PurgeFilter): number {
    this.purgeStale();
    const now = this.#clock.wallNow();
    const matching = [...this.#rows.values()].filter(
      (entry) =>
        (scope === undefined || entry.scope === scope) &&
        (key === undefined || entry.key === key || entry.key === this.#aliases.keyOf(key)) &&
        (olderThanMs === undefined || now - entry.storedAt > olderThanMs) &&
        (predicate === undefined || predicate(entry)),
    );
    for (const entry of matching) this.#rows.delete(entry.key);
    return matching.length;
  }

  clear(): void {
    this.#rows.clear();
  }

  /** Takes away what has expired. Returns how many that were. */
  purgeStale(): number {
    const before = this.#expirations;
    this.#rows.purgeStale();
    return this.#expirations - before;
  }

  #insert({ key, scope, text, answer, storedAt, expiresAt, tenant, cacheScope }: CacheRow): Entry {
    // Spread from the row, each would weigh three times as much.
    const entry: Entry = { key, scope, text, answer, storedAt, expiresAt, tenant, cacheScope, slot: null };
    // Begun at the instant -1 (0 would stand for no end), its time has run out when the clock shows `expiresAt`.
    this.#rows.set(key, entry, { start: -1, ttl: expiresAt });
    return entry;
  }

  /** The way out of every row. */
  #release(entry: Entry, reason: LRUCache.DisposeReason): void {
    if (reason === 'evict') this.#evictions++;
    if (reason === 'expire') this.#expirations++;
    this.#detach(entry);
    this.#aliases.deleteAll(entry.key);
    this.#store?.delete(entry.key);
    this.#onGone?.(entry.key);
  }

  /** False: the index refused the vector. */
  #attach(entry: Entry, vector: Float32Array | null): boolean {
    if (vector === null) return true;
    if (this.#index === null) {
      this.#waiting.set(entry, vector);
      return true;
    }
    try {
      entry.slot = this.#index.add(entry.scope, vector);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#indexed[entry.slot] = entry;
    this.#withVector++;
    return true;
  }

  #detach(entry: Entry): void {
    this.#waiting.delete(entry);
    const { slot } = entry;
    if (slot === null) return;
    entry.slot = null;
    this.#index!.remove(entry.scope, slot);
    this.#indexed[slot] = undefined;
    this.#withVector--;
  }

  #write({ slot: _, ...entry }: Entry, vector: Float32Array | null): void {
    this.#store?.put({ ...entry, vector });
  }
}
