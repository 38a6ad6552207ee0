// @ts-check
// The database has a thread of its own, because a flush takes SQLite milliseconds and a checkpoint tens of them.
import { endianness } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

/** @import { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite' */
/** @import { Exchanges, SavedRow, StoreFaultCode } from './messages.ts' */

/** Says in the file's header whose file it is: "LLMR". */
const APPLICATION_ID = 0x4c4c4d52;
const SCHEMA_VERSION = 1;

// REAL holds every time that a clock may give; aliases follow their row by themselves.
const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) STRICT;
  CREATE TABLE entries (
    key TEXT NOT NULL PRIMARY KEY, scope TEXT NOT NULL, text TEXT, answer TEXT NOT NULL,
    stored_at REAL NOT NULL, expires_at REAL NOT NULL, tenant TEXT, cache_scope TEXT, vector BLOB
  ) STRICT;
  CREATE INDEX entries_by_expiry ON entries (expires_at);
  CREATE TABLE aliases (
    alias TEXT NOT NULL PRIMARY KEY, key TEXT NOT NULL REFERENCES entries (key) ON DELETE CASCADE
  ) STRICT;
  CREATE INDEX aliases_by_key ON aliases (key);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};`;

/** By SQLite's primary result codes. @type {ReadonlyMap<number, StoreFaultCode>} */
const FAULTS = new Map([
  [5, 'locked'],
  [6, 'locked'],
  [8, 'read_only'],
  [10, 'io'],
  [11, 'corrupt'],
  [13, 'full'],
  [14, 'cannot_open'],
  [26, 'corrupt'],
]);
/** Too big, constraint, mismatch: the row's own fault, which another try will not mend. */
const ROWS_FAULTS = [18, 19, 20];

class Refusal extends Error {
  /** @param {StoreFaultCode} fault */
  constructor(fault) {
    super(fault);
    this.fault = fault;
  }
}

/** @type {DatabaseSyncInstance} */
let db;
/** What becomes of the file's vectors: `stale` ones are another embedder's, `unused` ones wait for theirs to return. */
let vectors = /** @type {'kept' | 'stale' | 'unused'} */ ('kept');
/** @type {string | null} */
let embedder = null;
/** @type {Record<'page' | 'put' | 'alias' | 'unalias' | 'delete' | 'expire', StatementSyncInstance>} */
let statements;

const handlers = {
  /** @param {Exchanges['open']['ask']} ask @returns {Promise<Exchanges['open']['answer']>} */
  async open({ path, embedderId, now }) {
    const { DatabaseSync } = await engine();
    db = new DatabaseSync(path);
    claim();
    if (one('PRAGMA integrity_check(1)')['integrity_check'] !== 'ok') throw new Refusal('corrupt');
    const stored = one("SELECT (SELECT value FROM meta WHERE name = 'embedder') AS id")['id'];
    embedder = embedderId;
    vectors = embedderId === stored ? 'kept' : embedderId === null ? 'unused' : 'stale';
    prepare();
    const expired = Number(one('SELECT count(*) AS n FROM entries WHERE expires_at <= ?', now)['n']);
    const live = Number(one('SELECT count(vector) AS n FROM entries WHERE expires_at > ?', now)['n']);
    return { expired, staleVectors: vectors === 'stale' ? live : 0, isDue: expired > 0 || vectors === 'stale' };
  },

  /** @param {Exchanges['read']['ask']} ask @returns {Exchanges['read']['answer']} */
  read({ after, limit, now }) {
    const found = /** @type {any[]} */ (statements.page.all(after, now, limit));
    const lengths = found.map(({ vector }) => (vector === null || vector.byteLength % 4 > 0 ? 0 : vector.byteLength));
    const buffer = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    let offset = 0;
    const rows = found.map(
      ({ key, scope, text, answer, stored_at, expires_at, tenant, cache_scope, vector }, index) => {
        const length = lengths[index] ?? 0;
        if (length > 0) buffer.set(vector, offset);
        const view = vector === null ? null : new Float32Array(buffer.buffer, offset, length / 4);
        offset += length;
        const times = { storedAt: stored_at, expiresAt: expires_at };
        return { key, scope, text, answer, ...times, tenant, cacheScope: cache_scope, vector: view };
      },
    );
    swapOnBigEndian(buffer);
    return { rows, last: found.at(-1)?.place ?? after };
  },

  /** @returns {Exchanges['aliases']['answer']} */
  aliases() {
    const found = /** @type {any[]} */ (db.prepare('SELECT alias, key FROM aliases ORDER BY rowid').all());
    return { aliases: found.map(({ alias, key }) => [alias, key]) };
  },

  /** @param {Exchanges['write']['ask']} ask @returns {Exchanges['write']['answer']} */
  write({ changes, wipe, now }) {
    let refused = 0;
    db.exec('BEGIN');
    try {
      if (wipe) db.exec('DELETE FROM entries');
      if (vectors === 'stale') {
        db.exec('UPDATE entries SET vector = NULL WHERE vector IS NOT NULL');
        db.prepare("INSERT OR REPLACE INTO meta VALUES ('embedder', ?)").run(embedder);
      }
      for (const change of changes) {
        try {
          if (change.type === 'put') put(change.row);
          else if (change.type === 'alias') statements.alias.run(change.alias, change.key);
          else if (change.type === 'unalias') statements.unalias.run(change.alias);
          else statements.delete.run(change.key);
        } catch (error) {
          if (!isRowsFault(error)) throw error;
          // An alias whose row is gone leads nowhere; that is no loss.
          if (change.type === 'put') refused++;
        }
      }
      statements.expire.run(now);
      db.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back by itself after some faults, a full disk among them.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
    if (vectors === 'stale') vectors = 'kept';
    return { refused };
  },

  close() {
    db?.close();
    return {};
  },
};

/** The first SQLite that this Node can load. @returns {Promise<typeof import('@photostructure/sqlite')>} */
async function engine() {
  for (const name of workerData.engines) {
    try {
      return await import(name);
    } catch {
      // The next one, then.
    }
  }
  throw new Refusal('absent');
}

/**
 * Takes the file for this process alone. The lock is the operating system's and ends with the process, however that
 * ends; held exclusively, the write-ahead log needs no shared memory file. @throws {Refusal} when it is not ours
 */
function claim() {
  db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA foreign_keys = ON; BEGIN EXCLUSIVE');
  const id = one('PRAGMA application_id')['application_id'];
  const version = Number(one('PRAGMA user_version')['user_version']);
  const isNew = id === 0 && version === 0 && one('SELECT count(*) AS n FROM sqlite_schema')['n'] === 0;
  if (!isNew && id !== APPLICATION_ID) throw new Refusal('foreign');
  if (version > SCHEMA_VERSION) throw new Refusal('newer');
  if (isNew) db.exec(SCHEMA);
  db.exec('COMMIT');
  // With the log, NORMAL loses at most the last transactions when the power fails, and none when the process dies.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 8000000');
}

function prepare() {
  statements = {
    page: db.prepare(
      `SELECT rowid AS place, key, scope, text, answer, stored_at, expires_at, tenant, cache_scope,
         ${vectors === 'kept' ? 'vector' : 'NULL AS vector'}
       FROM entries WHERE rowid > ? AND expires_at > ? ORDER BY rowid LIMIT ?`,
    ),
    // Not REPLACE, which deletes first, and the row's aliases with it.
    put: db.prepare(
      `INSERT INTO entries (key, scope, text, answer, stored_at, expires_at, tenant, cache_scope, vector)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET scope = excluded.scope, text = excluded.text, answer = excluded.answer,
         stored_at = excluded.stored_at, expires_at = excluded.expires_at, tenant = excluded.tenant,
         cache_scope = excluded.cache_scope, vector = excluded.vector`,
    ),
    alias: db.prepare('INSERT OR REPLACE INTO aliases (alias, key) VALUES (?, ?)'),
    unalias: db.prepare('DELETE FROM aliases WHERE alias = ?'),
    delete: db.prepare('DELETE FROM entries WHERE key = ?'),
    expire: db.prepare('DELETE FROM entries WHERE expires_at <= ?'),
  };
}

/** @param {SavedRow} row */
function put({ key, scope, text, answer, storedAt, expiresAt, tenant, cacheScope, vector }) {
  let bytes = null;
  // Without an embedder the file would call the vector another one's.
  if (vector !== null && vectors !== 'unused') {
    bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
    swapOnBigEndian(bytes);
  }
  statements.put.run(key, scope, text, answer, storedAt, expiresAt, tenant, cacheScope, bytes);
}

/** @param {string} sql @param {number[]} values @returns {Record<string, unknown>} */
const one = (sql, ...values) => /** @type {any} */ (db.prepare(sql).get(...values));

/** Floats lie in the file with their low byte first. @param {Uint8Array} bytes */
function swapOnBigEndian({ buffer, byteOffset, byteLength }) {
  if (endianness() === 'BE') Buffer.from(buffer, byteOffset, byteLength).swap32();
}

/** What SQLite raises carries its result code; what the binding raises of a value that it cannot take carries none. */
const isRowsFault = (/** @type {any} */ error) =>
  error.errcode === undefined || ROWS_FAULTS.includes(error.errcode & 0xff);

/** @param {any} error @param {string} type of what was asked @returns {StoreFaultCode} */
function faultOf(error, type) {
  if (error instanceof Refusal) return error.fault;
  const code = error.errcode & 0xff;
  // 1: a table or column is missing that the file's version promises.
  return FAULTS.get(code) ?? (code === 1 && type !== 'write' ? 'corrupt' : 'failed');
}

parentPort?.on('message', async ({ type, ...ask }) => {
  let answer;
  try {
    answer = await /** @type {any} */ (handlers)[type](ask);
  } catch (error) {
    answer = { fault: faultOf(error, type) };
  }
  const buffer = answer.rows?.find((/** @type {SavedRow} */ row) => row.vector !== null)?.vector.buffer;
  parentPort?.postMessage(answer, buffer === undefined ? [] : [buffer]);
});
