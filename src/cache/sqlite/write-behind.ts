import type { Clock } from '../../clock.ts';
import type { Logger } from '../../router-options.ts';
import type { CacheRow } from '../entry.ts';
import type { CacheStore } from '../store.ts';
import type { Change, StoreFaultCode } from './messages.ts';
import { savedRowOf } from './saved-row.ts';
import type { SqliteThread } from './thread.ts';

/** So many changes make a transaction: handing them to the thread takes this one less than a millisecond. */
const BATCH = 50;
/** Changes that wait at most; behind that the oldest are given up. */
const MAX_WAITING = 10_000;

/** A flush that did not go well. */
export interface StoreFailure {
  readonly code: StoreFaultCode;
  /** Rows that will not be written any more. */
  readonly dropped: number;
  /** Changes that are tried again at the next flush. */
  readonly waiting: number;
}

export interface WriteBehindOptions {
  readonly thread: SqliteThread;
  readonly path: string;
  readonly flushIntervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onFailure: (failure: StoreFailure) => void;
}

type Waiting = Exclude<Change, { type: 'put' }> | { readonly type: 'put'; readonly row: CacheRow };

/** Gathers changes and hands them to the database's thread in their order, one transaction at a time. */
export class WriteBehind implements CacheStore {
  readonly #options: WriteBehindOptions;
  #waiting: Waiting[] = [];
  #timer: unknown = null;
  /** Flushes follow each other. */
  #last: Promise<void> = Promise.resolve();
  #flushes = 0;
  /** Why the last flush failed; null: it did not. */
  #fault: StoreFaultCode | null = null;
  #closed: Promise<void> | null = null;
  /** Rows given up since the last report. */
  #dropped = 0;
  /** A deletion was given up: the file must begin anew, or what was deleted would come back with the next process. */
  #mustWipe = false;

  constructor(options: WriteBehindOptions) {
    this.#options = options;
  }

  put(row: CacheRow): void {
    this.#add({ type: 'put', row });
  }

  putAlias(alias: string, key: string): void {
    this.#add({ type: 'alias', alias, key });
  }

  deleteAlias(alias: string): void {
    this.#add({ type: 'unalias', alias });
  }

  delete(key: string): void {
    this.#add({ type: 'delete', key });
  }

  /** Flushes after an interval even when nothing waits: the file has something to be rid of. */
  flushSoon(): void {
    const { clock, flushIntervalMs } = this.#options;
    this.#timer ??= clock.setTimeout(() => void this.flush(), flushIntervalMs);
  }

  flush(): Promise<void> {
    if (this.#closed !== null) return this.#closed;
    return this.#queueFlush();
  }

  close(): Promise<void> {
    this.#closed ??= this.#queueFlush().then(async () => {
      const left = this.#waiting.splice(0);
      this.#giveUp(left);
      if (this.#dropped > 0) this.#report();
      await this.#options.thread.close();
    });
    return this.#closed;
  }

  #add(change: Waiting): void {
    if (this.#closed !== null) return;
    this.#waiting.push(change);
    this.#giveUp(this.#waiting.splice(0, this.#waiting.length - MAX_WAITING));
    this.#schedule();
  }

  #giveUp(changes: readonly Waiting[]): void {
    this.#dropped += changes.filter(({ type }) => type === 'put').length;
    this.#mustWipe ||= changes.some(({ type }) => type === 'delete' || type === 'unalias');
  }

  #schedule(): void {
    if (this.#flushes > 0 || this.#waiting.length === 0 || this.#closed !== null) return;
    if (this.#waiting.length >= BATCH && this.#fault === null) void this.flush();
    else this.flushSoon();
  }

  #queueFlush(): Promise<void> {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#flushes++;
    this.#last = this.#last.then(async () => {
      await this.#drain();
      this.#flushes--;
      this.#schedule();
    });
    return this.#last;
  }

  /** Writes what waits now, and at least once: what has expired leaves the file with each flush. */
  async #drain(): Promise<void> {
    let left = this.#waiting.length;
    let fault: StoreFaultCode | null;
    do {
      left -= BATCH;
      fault = await this.#write(this.#waiting.splice(0, BATCH));
    } while (fault === null && left > 0);
    this.#note(fault);
  }

  /** @returns why it could not be written; then it waits again */
  async #write(batch: Waiting[]): Promise<StoreFaultCode | null> {
    const { thread, clock } = this.#options;
    const { changes, buffer } = packed(batch);
    const wipe = this.#mustWipe;
    const reply = await thread.ask('write', { changes, wipe, now: clock.wallNow() }, [buffer]);
    if ('fault' in reply) {
      this.#waiting = [...batch, ...this.#waiting];
      this.#giveUp(this.#waiting.splice(0, this.#waiting.length - MAX_WAITING));
      return reply.fault;
    }
    // One more may have been given up meanwhile.
    if (wipe) this.#mustWipe = false;
    this.#refuse(batch.length - changes.length + reply.refused);
    return null;
  }

  #note(fault: StoreFaultCode | null): void {
    const { path, logger } = this.#options;
    if (fault !== null && this.#fault === null) {
      logger.warn({ path, code: fault }, 'the cache could not be written to its file; it is tried again');
    } else if (fault === null && this.#fault !== null) {
      logger.info({ path }, 'the cache is written to its file again');
    }
    this.#fault = fault;
    if (fault !== null || this.#dropped > 0) this.#report();
  }

  #refuse(dropped: number): void {
    if (dropped > 0) this.#options.onFailure({ code: 'refused', dropped, waiting: this.#waiting.length });
  }

  #report(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#options.onFailure({ code: this.#fault ?? 'overrun', dropped, waiting: this.#waiting.length });
  }
}

/** The changes as the thread takes them, their vectors copied into one buffer. A row that cannot be saved is left out. */
function packed(batch: readonly Waiting[]): { changes: Change[]; buffer: ArrayBuffer } {
  const lengthOf = (change: Waiting): number => (change.type === 'put' ? (change.row.vector?.length ?? 0) : 0);
  const floats = new Float32Array(batch.reduce((sum, change) => sum + lengthOf(change), 0));
  let offset = 0;
  const changes = batch.flatMap((change): Change[] => {
    if (change.type !== 'put') return [change];
    const row = savedRowOf(change.row);
    if (row === null) return [];
    if (row.vector === null) return [{ type: 'put', row }];
    floats.set(row.vector, offset);
    const vector = floats.subarray(offset, offset + row.vector.length);
    offset += row.vector.length;
    return [{ type: 'put', row: { ...row, vector } }];
  });
  return { changes, buffer: floats.buffer };
}
