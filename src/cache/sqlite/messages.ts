import type { CacheRow } from '../entry.ts';

/** Why a file cannot be used, or a flush failed. */
export type StoreFaultCode =
  /** No SQLite is installed. */
  | 'absent'
  /** Another router has the file. */
  | 'locked'
  | 'corrupt'
  /** A database of another application. */
  | 'foreign'
  /** Written by a later version. */
  | 'newer'
  | 'full'
  | 'read_only'
  | 'cannot_open'
  | 'io'
  /** The database's thread has ended. */
  | 'thread_gone'
  /** Changes came faster than they could be written. */
  | 'overrun'
  /** Rows that SQLite would never take, or never give back as they were. */
  | 'refused'
  | 'failed';

export interface StoreFault {
  readonly fault: StoreFaultCode;
}

/** A row as it lies in the file; its answer is JSON. */
export interface SavedRow extends Omit<CacheRow, 'answer'> {
  readonly answer: string;
}

export type Change =
  | { readonly type: 'put'; readonly row: SavedRow }
  | { readonly type: 'alias'; readonly alias: string; readonly key: string }
  | { readonly type: 'unalias'; readonly alias: string }
  | { readonly type: 'delete'; readonly key: string };

/** What the database's thread is asked, by name. All times are milliseconds since the Unix epoch. */
export interface Exchanges {
  readonly open: {
    readonly ask: { readonly path: string; readonly embedderId: string | null; readonly now: number };
    /** `expired`: rows that are; `staleVectors`: another embedder's; `isDue`: the file has something to be rid of. */
    readonly answer: { readonly expired: number; readonly staleVectors: number; readonly isDue: boolean };
  };
  /** The live rows behind a place in the file, so many at most; `last` is the place of the last one. */
  readonly read: {
    readonly ask: { readonly after: number; readonly limit: number; readonly now: number };
    readonly answer: { readonly rows: readonly SavedRow[]; readonly last: number };
  };
  readonly aliases: {
    readonly ask: object;
    readonly answer: { readonly aliases: readonly (readonly [alias: string, key: string])[] };
  };
  /** One transaction: begins anew when `wipe` is set, applies the changes in order, deletes what has expired. */
  readonly write: {
    readonly ask: { readonly changes: readonly Change[]; readonly wipe: boolean; readonly now: number };
    /** `refused`: rows that SQLite will never take as they are. */
    readonly answer: { readonly refused: number };
  };
  readonly close: { readonly ask: object; readonly answer: object };
}
