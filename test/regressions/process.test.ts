import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { build } from '../support/build.ts';

const CHILD = fileURLToPath(new URL('./process-child.mjs', import.meta.url));
const built = build();

interface Line {
  readonly what: string;
  readonly ms: number;
}

/** Runs a process that has a router and nothing else to do; rejects when it does not end by itself. */
async function run(mode: string): Promise<Line[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, built.url('src/index.js'), mode], {
    timeout: 10_000,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

describe('a process', () => {
  it('P23 whose router is idle ends by itself', async () => {
    expect(await run('idle')).toMatchObject([{ what: 'exit' }]);
  });

  it('P23 whose breaker is open ends by itself, long before the breaker recovers', async () => {
    const [state, exit] = await run('open');
    expect(state!.what).toBe('open');
    expect(exit!.ms - state!.ms).toBeLessThan(5_000);
  });

  it('P23 with a pending request lives until it is settled, although its backend holds nothing', async () => {
    const [answer, exit] = await run('pending');
    expect(answer!.what).toBe('ok');
    expect(answer!.ms).toBeGreaterThanOrEqual(290);
    expect(exit!.what).toBe('exit');
    expect(exit!.ms - answer!.ms).toBeLessThan(5_000);
  });

  it('P23 with a request that only its deadline ends lives until then', async () => {
    const [error, exit] = await run('deadline');
    expect(error!.what).toBe('deadline_exceeded');
    expect(error!.ms).toBeGreaterThanOrEqual(290);
    expect(exit!.what).toBe('exit');
  });

  it('whose clock is moved by hand ends although a request is pending, because nobody may ever move it', async () => {
    expect(await run('manual')).toMatchObject([{ what: 'exit' }]);
  });

  it('P23 that stops its router lives through the grace', async () => {
    const [error, exit] = await run('stopped');
    expect(error!.what).toBe('router_stopped');
    expect(error!.ms).toBeGreaterThanOrEqual(290);
    expect(exit!.what).toBe('exit');
  });
});
