// How long a restart waits for the cache's file, and how long a flush holds up the event loop:
// `npm run build && node bench/cache-restart.mjs` prints two tables.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '../dist/src/cache/sqlite/open.js';
import { systemClock } from '../dist/src/clock.js';

const ROWS = [1_000, 10_000, 50_000];
const FLUSHES = [100, 250, 1_000];
const REPETITIONS = 5;
const ANSWER = 'An answer of about one kilobyte, as a model of middling talkativeness gives it. '.repeat(13);

const rowOf = (number) => ({
  key: `${number}`.padStart(43, 'k'),
  scope: `${number % 10}`.padStart(43, 's'),
  text: `What is the meaning of the number ${number} in this list?`,
  answer: { content: ANSWER, modelUsed: 'model', provider: 'ollama' },
  storedAt: Date.now(),
  expiresAt: Date.now() + 3_600_000,
  tenant: null,
  cacheScope: null,
  vector: Float32Array.from({ length: 384 }, (_, index) => Math.sin(number + index)),
});
const ignore = () => {};
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
// An hour's interval: only what the bench asks for is flushed.
const options = { embedderId: 'bench', flushIntervalMs: 3_600_000, clock: systemClock, logger };
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const range = (values) =>
  `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`;

const [path] = process.argv.slice(2);
if (path === undefined) report();
else process.stdout.write(JSON.stringify(await restart(path)));

/** The longest time for which the event loop had no turn while the work was under way, in milliseconds. */
async function longestTurn(work) {
  // A timer, because a loop that looks at every turn would take a core from the database's thread.
  const everyMs = 1;
  const delays = monitorEventLoopDelay({ resolution: everyMs });
  delays.enable();
  await work();
  await setTimeout(5);
  delays.disable();
  return Math.max(0, delays.max / 1e6 - everyMs);
}

async function restart(path) {
  const begun = performance.now();
  let opened;
  let ms;
  const blockedMs = await longestTurn(async () => {
    opened = await openSqliteStore({ ...options, path });
    ms = performance.now() - begun;
  });
  await opened.store.close();
  return { ms, blockedMs, rows: opened.rows.length, vectors: opened.rows.filter(({ vector }) => vector).length };
}

async function report() {
  const folder = mkdtempSync(join(tmpdir(), 'cache-restart-'));
  try {
    process.stdout.write('| rows | ms | loop blocked for at most, ms | size, MB |\n|---|---|---|---|\n');
    for (const count of ROWS) process.stdout.write(await restartsOf(join(folder, `${count}.db`), count));
    process.stdout.write('\n| rows in a flush | ms | loop blocked for at most, ms |\n|---|---|---|\n');
    for (const count of FLUSHES) process.stdout.write(await flushesOf(join(folder, `flush-${count}.db`), count));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function restartsOf(path, count) {
  const { store } = await openSqliteStore({ ...options, path });
  for (let number = 0; number < count; number++) {
    store.put(rowOf(number));
    if (number % 1_000 === 999) await store.flush();
  }
  await store.close();
  const runs = Array.from({ length: REPETITIONS }, () =>
    JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), path], { encoding: 'utf8' })),
  );
  if (runs.some(({ rows, vectors }) => rows !== count || vectors !== count)) throw new Error('rows are missing');
  const size = (statSync(path).size / 1e6).toFixed(1);
  return `| ${count} | ${range(runs.map(({ ms }) => ms))} | ${range(runs.map(({ blockedMs }) => blockedMs))} | ${size} |\n`;
}

async function flushesOf(path, count) {
  const { store } = await openSqliteStore({ ...options, path });
  const times = [];
  const turns = [];
  for (let repetition = 0; repetition < 20; repetition++) {
    const rows = Array.from({ length: count }, (_, index) => rowOf(repetition * count + index));
    for (const row of rows) store.put(row);
    const begun = performance.now();
    turns.push(
      await longestTurn(async () => {
        await store.flush();
        times.push(performance.now() - begun);
      }),
    );
  }
  await store.close();
  return `| ${count} | ${range(times)} | ${range(turns)} |\n`;
}
