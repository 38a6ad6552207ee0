import type { CacheRow } from './entry.ts';

/**
 * Where the cache's rows outlive the process. Calls return at once and never throw: what is written, and when, is the
 * store's affair until somebody awaits `flush`.
 */
export interface CacheStore {
  /** Takes the place of a row with the same key, whose aliases stay. The row must not change afterwards. */
  put(row: CacheRow): void;
  /** Leads from another exact key to a row's own. */
  putAlias(alias: string, key: string): void;
  /** One alias; its row stays. */
  deleteAlias(alias: string): void;
  /** The row's aliases go too. */
  delete(key: string): void;
  /** Resolves when everything given so far is written, or could not be; never rejects. */
  flush(): Promise<void>;
  /** Flushes, then lets go of the file. Later calls do nothing. */
  close(): Promise<void>;
}
