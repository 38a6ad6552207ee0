import type { EntryStore } from '../../src/cache/entries.ts';
import type { CacheRow } from '../../src/cache/entry.ts';

/** A store that keeps what it is told as the port says it is kept. */
export class KeptRows implements EntryStore {
  readonly rows = new Map<string, CacheRow>();
  readonly aliases = new Map<string, string>();

  put(row: CacheRow): void {
    this.rows.set(row.key, row);
  }

  putAlias(alias: string, key: string): void {
    this.aliases.set(alias, key);
  }

  deleteAlias(alias: string): void {
    this.aliases.delete(alias);
  }

  delete(key: string): void {
    this.rows.delete(key);
    for (const [alias, other] of this.aliases) if (other === key) this.aliases.delete(alias);
  }
}

/** A row that never expires. */
export const rowOf = (key: string, more: Partial<CacheRow> = {}): CacheRow => ({
  key,
  scope: 'scope',
  text: `text of ${key}`,
  answer: { content: `answer to ${key}`, modelUsed: 'm', provider: 'p' },
  storedAt: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  tenant: null,
  cacheScope: null,
  vector: null,
  ...more,
});
