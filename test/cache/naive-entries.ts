import type { PurgeFilter } from '../../src/cache/entries.ts';
import type { CacheRow } from '../../src/cache/entry.ts';

interface Kept {
  row: CacheRow;
  aliases: string[];
}

/** What `CacheEntries` does, in the plainest way: a list, the row used longest ago first. */
export class NaiveEntries {
  readonly #maxEntries: number;
  readonly #maxAliases: number;
  kept: Kept[] = [];
  hasIndex = false;
  evictions = 0;
  expirations = 0;
  now = 1;

  constructor(maxEntries: number, maxAliases: number) {
    this.#maxEntries = maxEntries;
    this.#maxAliases = maxAliases;
  }

  #isLive = ({ row }: Kept): boolean => this.now < row.expiresAt;
  #of = (key: string): Kept | undefined => this.kept.find(({ row }) => row.key === key);
  #live(key: string): Kept | undefined {
    const found = this.#of(key);
    return found !== undefined && this.#isLive(found) ? found : undefined;
  }
  #drop(gone: Kept): void {
    this.kept = this.kept.filter((one) => one !== gone);
  }
  #use(key: string): Kept | undefined {
    const found = this.#of(key);
    if (found === undefined) return undefined;
    this.#drop(found);
    if (this.#isLive(found)) this.kept.push(found);
    else this.expirations++;
    return this.#isLive(found) ? found : undefined;
  }

  get(key: string): string | undefined {
    const aliased = this.kept.find(({ aliases }) => aliases.includes(key));
    return (this.#use(key) ?? (aliased && this.#use(aliased.row.key)))?.row.key;
  }
  put(row: CacheRow): boolean {
    const former = this.#of(row.key);
    if (former !== undefined) this.#drop(former);
    else if (this.kept.length === this.#maxEntries) {
      this.kept.shift();
      this.evictions++;
    }
    const isWhole = this.takes(row.vector);
    this.kept.push({ row: isWhole ? row : { ...row, vector: null }, aliases: [] });
    return isWhole;
  }
  takes = (vector: Float32Array | null): boolean => vector === null || !this.hasIndex || vector.every(Number.isFinite);
  addAlias(alias: string, key: string): boolean {
    const found = this.#live(key);
    if (found === undefined) return false;
    for (const one of this.kept) one.aliases = one.aliases.filter((other) => other !== alias);
    if (found.aliases.length === this.#maxAliases) found.aliases.shift();
    found.aliases.push(alias);
    return true;
  }
  setVector(key: string, vector: Float32Array): boolean {
    const found = this.#live(key);
    if (found === undefined) return false;
    found.row = { ...found.row, vector: this.takes(vector) ? vector : null };
    return this.takes(vector);
  }
  useIndex(): void {
    for (const one of this.kept) {
      const { vector } = one.row;
      if (this.hasIndex || !vector?.every(Number.isFinite)) one.row = { ...one.row, vector: null };
    }
    this.hasIndex = true;
  }
  dropVectors(): void {
    for (const one of this.kept) one.row = { ...one.row, vector: null };
  }
  delete(key: string): boolean {
    const found = this.#of(key);
    if (found !== undefined) this.#drop(found);
    return found !== undefined;
  }
  purge({ scope, key, olderThanMs, predicate }: PurgeFilter): number {
    this.purgeStale();
    const before = this.kept.length;
    this.kept = this.kept.filter(({ row, aliases }) => {
      if (scope !== undefined && row.scope !== scope) return true;
      if (key !== undefined && row.key !== key && !aliases.includes(key)) return true;
      if (olderThanMs !== undefined && this.now - row.storedAt <= olderThanMs) return true;
      return predicate !== undefined && !predicate(row);
    });
    return before - this.kept.length;
  }
  clear(): void {
    this.kept = [];
  }
  purgeStale(): number {
    const live = this.kept.filter(this.#isLive);
    const gone = this.kept.length - live.length;
    this.kept = live;
    this.expirations += gone;
    return gone;
  }
}
