import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, onTestFinished } from 'vitest';
import type { CacheRow } from '../../../src/cache/entry.ts';
import { type OpenedStore, openSqliteStore, type SqliteStoreOptions } from '../../../src/cache/sqlite/open.ts';
import type { StoreFailure } from '../../../src/cache/sqlite/write-behind.ts';
import { build } from '../../support/build.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

export { numberOf, rowOf } from './rows.mjs';

export interface Opened extends OpenedStore {
  readonly clock: VirtualClock;
  readonly failures: readonly StoreFailure[];
  readonly warnings: readonly string[];
}

const open = new Set<OpenedStore>();
afterEach(async () => {
  for (const { store } of open) await store.close();
  open.clear();
});

/** A path in a folder of its own. */
export function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'cache.db');
}

/** A store on a clock that stands still, closed after the test. */
export async function openStore(path: string, options: Partial<SqliteStoreOptions> = {}): Promise<Opened> {
  const clock = new VirtualClock();
  const failures: StoreFailure[] = [];
  const warnings: string[] = [];
  const ignore = (): void => {};
  const logger = { debug: ignore, info: ignore, error: ignore, warn: (_: object, text: string) => warnings.push(text) };
  const onFailure = (failure: StoreFailure): void => void failures.push(failure);
  const opened = await openSqliteStore({ path, embedderId: 'test', clock, logger, onFailure, ...options });
  open.add(opened);
  return { ...opened, clock, failures, warnings };
}

/** Leaves a file with these rows. */
export async function saved(path: string, given: readonly CacheRow[], options?: Partial<SqliteStoreOptions>) {
  const { store } = await openStore(path, options);
  for (const row of given) store.put(row);
  await store.close();
}

/** What SQL says about a file that no store has open. */
export async function sql(path: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const worker = new Worker(new URL('./sql.worker.mjs', import.meta.url), {
    workerData: { path, statements },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const [[rows]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  return rows;
}

/** Keys in a file that a store has open, from a copy that another process makes: reading it here would end the lock. */
export async function keysWritten(path: string): Promise<unknown[]> {
  const copy = freshPath();
  for (const suffix of ['', '-wal']) execFileSync('cp', [path + suffix, copy + suffix]);
  return (await sql(copy, 'SELECT key FROM entries ORDER BY rowid')).map(({ key }) => key);
}

export interface Child {
  readonly process: ChildProcess;
  readonly lines: readonly Record<string, unknown>[];
  /** It has said its first line. */
  readonly started: Promise<unknown>;
  /** It is gone, and all that it said is in `lines`. */
  readonly ended: Promise<unknown>;
}

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The store as JavaScript, which any Node runs, as any user. */
const compiled = (): string => build().url('src/cache/sqlite/open.js');

export interface ChildOptions {
  readonly onLine?: (line: Record<string, unknown>) => void;
  /** What a file of the child's may grow to. */
  readonly limitKb?: number;
  /** As a user who may do no more than permissions say. */
  readonly isNobody?: boolean;
}

export async function runChild(
  task: string,
  path: string,
  { onLine = () => {}, limitKb, isNobody = false }: ChildOptions = {},
): Promise<Child> {
  const user = isNobody ? ['nobody'] : [];
  const node = [process.execPath, file('./child.mjs'), compiled(), task, path, ...user];
  const [command, ...args] = limitKb ? ['sh', '-c', `ulimit -S -f ${limitKb * 2}; exec "$@"`, 'sh', ...node] : node;
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Record<string, unknown>[] = [];
  const reader = createInterface({ input: child.stdout! });
  reader.on('line', (line) => {
    lines.push(JSON.parse(line));
    onLine(lines.at(-1)!);
  });
  const ended = once(child, 'close');
  return { process: child, lines, started: Promise.race([once(reader, 'line'), ended]), ended };
}
