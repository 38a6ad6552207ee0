import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { build } from '../support/build.ts';

const CHILD = new URL('./child.mjs', import.meta.url).pathname;
const built = build();

it('leaves nothing behind after a hundred thousand requests on real time', async () => {
  // The child must end by itself: whatever keeps a process alive would run into the time-out.
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', CHILD, built.url('src/index.js')], {
    timeout: 150_000,
  });
  const result = JSON.parse(stdout);
  expect(result.served + result.failed).toBe(120_000);
  expect(result.stats.totalRequests).toBe(120_000);
  expect(result.heapGrowth).toBeLessThan(5 * 1_048_576);
  expect(result.children[1]).toBe(result.children[0]);
  expect(result.listeners).toBe(0);
  expect(result.timers).toBe(0);
}, 160_000);
