import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { loadHnsw } from '../../../src/cache/index/hnsw.ts';
import { build } from '../../support/build.ts';

const run = promisify(execFile);
const hnsw = await loadHnsw();
const temporary = mkdtempSync(join(tmpdir(), 'exit-'));
const built = build();

afterAll(() => {
  rmSync(temporary, { recursive: true });
});

/** Runs a program with an index of so many vectors, that gets a graph, in a process of its own; gives what it printed. */
async function runWithIndex(vectors: number, then: string): Promise<string> {
  const program = `
    import { readdirSync } from 'node:fs';
    import { createVectorIndex } from '${built.url('src/cache/vector-index.js')}';
    import { loadHnsw } from '${built.url('src/cache/index/hnsw.js')}';
    const logger = { warn: (data, message) => console.log(message, data.error) };
    const options = { dimensions: 64, maxEntries: ${vectors}, crossover: 1000, hnsw: await loadHnsw(), logger };
    const index = createVectorIndex(options);
    for (let count = 0; count < ${vectors}; count++) {
      index.add('a', Float32Array.from({ length: 64 }, (_, at) => Math.sin(count * 64 + at * at)));
    }
    ${then}`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, TMPDIR: temporary },
    timeout: 20_000,
  });
  return stdout;
}

it.skipIf(hnsw === null)(
  `the built package builds graphs in its worker, and its index keeps no process alive${hnsw === null ? ' (skipped: hnswlib-node is not installed)' : ''}`,
  async () => {
    const stdout = await runWithIndex(
      2_000,
      `
      const hold = setInterval(() => {}, 1000);
      await index.settled();
      clearInterval(hold);
      console.log(index.stats().graphs);`,
    );
    expect(stdout).toBe('1\n');
    expect(readdirSync(temporary)).toEqual([]);
  },
);

// As many as take a worker ten seconds or more.
const MANY = 30_000;

it.each([
  ['has done its work', ''],
  [
    'exits on purpose',
    `while (readdirSync(process.env.TMPDIR).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    process.exit();`,
  ],
])('a process that %s ends while a graph is being built, and leaves no file', async (_, then) => {
  const stdout = await runWithIndex(
    MANY,
    `
    console.log(index.stats().rebuilding);
    process.on('exit', () => console.log(index.stats().graphs));
    ${hnsw === null ? '' : then}`,
  );
  expect(stdout).toBe(`${hnsw !== null}\n0\n`);
  expect(readdirSync(temporary)).toEqual([]);
});
