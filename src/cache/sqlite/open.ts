import { resolve } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../router-options.ts';
import type { CacheRow } from '../entry.ts';
import type { CacheStore } from '../store.ts';
import { makePrivate, makePrivateFile, setAside } from './file.ts';
import type { Exchanges, StoreFault, StoreFaultCode } from './messages.ts';
import { cacheRowOf } from './saved-row.ts';
import { SqliteThread } from './thread.ts';
import { type StoreFailure, WriteBehind } from './write-behind.ts';

export interface SqliteStoreOptions {
  /** Made when missing, its folder too; both for their owner alone. */
  readonly path: string;
  /** Whose vectors the rows carry; null: nobody's, then those in the file are neither handed out nor touched. */
  readonly embedderId: string | null;
  /** How long a change may wait before it is written, in milliseconds. Default 1,000. */
  readonly flushIntervalMs?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Hears of each flush that failed or lost rows. */
  readonly onFailure?: ((failure: StoreFailure) => void) | undefined;
  /** What to load SQLite from, in this order. @internal */
  readonly engines?: readonly string[];
}

export interface OpenedStore {
  readonly store: CacheStore;
  /** Those that have not expired, the least recently stored first. Vectors share buffers: copy what is to be kept. */
  readonly rows: readonly CacheRow[];
  /** Those of such rows, in the order in which they were put. */
  readonly aliases: readonly (readonly [alias: string, key: string])[];
  /** Vectors of another embedder or without a direction; rows that had expired; rows whose answer is none. */
  readonly dropped: { readonly vectors: number; readonly expired: number; readonly invalid: number };
  /** What an operator should know, logged already: why nothing is kept, or that a damaged file was set aside. */
  readonly warning: string | null;
}

type Page = Exchanges['read']['answer'];

type Loaded = Pick<OpenedStore, 'rows' | 'aliases' | 'dropped'> & { readonly isDue: boolean; readonly bad: string[] };

/** `node:sqlite` is in Node from 22.13; the package has the same interface and binaries for Node 20. */
const ENGINES = ['node:sqlite', '@photostructure/sqlite'];
/** Rows that are handed over at once; between two pages the process's other work has its turn. */
const PAGE = 250;
const NOTHING = { rows: [], aliases: [], dropped: { vectors: 0, expired: 0, invalid: 0 } };

const UNPERSISTED: CacheStore = {
  put() {},
  putAlias() {},
  deleteAlias() {},
  delete() {},
  flush: async () => {},
  close: async () => {},
};

/**
 * A cache's rows in a SQLite file. Nothing about the file stops a router: one that cannot be used is left alone, a
 * damaged one is renamed, and `warning` says so.
 * @throws {Error} when there is no SQLite; the message says what to install
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<OpenedStore> {
  const { clock, logger, flushIntervalMs = 1_000, onFailure = () => {}, engines = ENGINES } = options;
  const path = resolve(options.path);
  let warning: string | null = null;
  let thread: SqliteThread | null = null;
  let fault: string;
  try {
    await makePrivateFile(path);
    thread = new SqliteThread(engines);
    let loaded = await load(thread, path, options);
    if (isFault(loaded) && loaded.fault === 'corrupt') {
      await thread.close();
      const aside = await setAside(path, clock.wallNow());
      warning = `the cache's file ${path} is damaged; it is kept as ${aside} and the cache begins anew`;
      await makePrivateFile(path);
      thread = new SqliteThread(engines);
      loaded = await load(thread, path, options);
    }
    if (!isFault(loaded)) {
      await makePrivate(path);
      const { rows, aliases, dropped, isDue, bad } = loaded;
      const store = new WriteBehind({ thread, path, flushIntervalMs, clock, logger, onFailure });
      for (const key of bad) store.delete(key);
      if (isDue) store.flushSoon();
      if (warning !== null) logger.warn({ path }, warning);
      return { store, rows, aliases, dropped, warning };
    }
    fault = loaded.fault;
  } catch (error) {
    fault = (error as NodeJS.ErrnoException).code ?? 'failed';
  }
  await thread?.close();
  if (fault === 'absent') {
    throw new Error('a cache with a path needs Node 22.13 or later, or the package @photostructure/sqlite 1.x');
  }
  const why = REASONS[fault as StoreFaultCode] ?? `cannot be used (${fault})`;
  warning = `${warning ?? `the cache's file ${path} ${why}`}; nothing is kept over a restart`;
  logger.warn({ path, code: fault }, warning);
  return { store: UNPERSISTED, ...NOTHING, warning };
}

const REASONS: { readonly [Code in StoreFaultCode]?: string } = {
  locked: 'is in use by another router',
  foreign: 'is the database of another application and is left alone',
  newer: 'was written by a later version and is left alone',
  read_only: 'must not be written',
};

/** Opens the file and reads all that is live, a page at a time. */
async function load(
  thread: SqliteThread,
  path: string,
  { embedderId, clock }: SqliteStoreOptions,
): Promise<Loaded | StoreFault> {
  const now = clock.wallNow();
  const opened = await thread.ask('open', { path, embedderId, now });
  if (isFault(opened)) return opened;
  const rows: CacheRow[] = [];
  const bad: string[] = [];
  let vectors = opened.staleVectors;
  let next: Promise<Page | StoreFault> | null = thread.ask('read', { after: 0, limit: PAGE, now });
  while (next !== null) {
    const page: Page | StoreFault = await next;
    if (isFault(page)) return page;
    // The thread reads on while this one is looked through.
    next = page.rows.length < PAGE ? null : thread.ask('read', { after: page.last, limit: PAGE, now });
    for (const saved of page.rows) {
      const row = cacheRowOf(saved);
      if (row === null) bad.push(saved.key);
      else rows.push(row);
      if (row !== null && saved.vector !== null && row.vector === null) vectors++;
    }
  }
  const found = await thread.ask('aliases', {});
  if (isFault(found)) return found;
  const keys = new Set(rows.map(({ key }) => key));
  return {
    rows: rows.sort((a, b) => a.storedAt - b.storedAt),
    aliases: found.aliases.filter(([, key]) => keys.has(key)),
    dropped: { vectors, expired: opened.expired, invalid: bad.length },
    isDue: opened.isDue,
    bad,
  };
}

const isFault = (reply: object): reply is StoreFault => 'fault' in reply;
