// A process that opens a store and says on standard output, line by line, what it has come to.
import { execFileSync } from 'node:child_process';
import { rowOf, vectorOf } from './rows.mjs';

const [compiled, task, path, user] = process.argv.slice(2);
const { openSqliteStore } = await import(compiled);
// Root may do what permissions forbid.
if (user !== undefined && process.getuid() === 0) process.setuid(user);
const clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
  clearTimeout,
};
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const turn = () => new Promise(setImmediate);
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const wideRowOf = (number) => rowOf(number, { vector: vectorOf(number, 384) });
const failures = [];
const opened = await openSqliteStore({
  path,
  embedderId: 'test',
  flushIntervalMs: 100,
  clock,
  logger,
  onFailure: (failure) => failures.push(failure),
});
const { store, rows, warning } = opened;

const TASKS = {
  /** Opens, and leaves everything else undone. */
  open() {
    store.put(rowOf(1));
    say({ rows: rows.length, warning });
  },

  async close() {
    store.put(rowOf(1));
    await store.close();
    say({ closed: true, warning });
  },

  /** Writes as fast as the file takes it and says which row was the last to be there. */
  async flushing() {
    for (let number = 0; ; number++) {
      store.put(wideRowOf(number));
      if (number % 300 < 299) continue;
      await store.flush();
      say({ flushed: number });
    }
  },

  /** Leaves the flushing to the store, but never outruns it. */
  async putting() {
    for (let number = 0; ; number++) {
      store.put(wideRowOf(number));
      if (number % 10 === 9) {
        say({ put: number });
        await turn();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  },

  /** Its files must not grow beyond what its parent allows, until it lifts the limit itself. */
  async growing() {
    for (let number = 0; number < 1_000; number++) store.put(wideRowOf(number));
    await store.flush();
    say({ failures });
    execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
    await store.flush();
    await store.close();
    say({ failures, warning });
  },
};
await TASKS[task]();
