import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.ts';
import { ask, eventually, linesOf, post } from '../support/running-server.ts';

let built: ReturnType<typeof build>;
beforeAll(() => {
  built = build();
});
afterAll(() => built.remove());

const { OPENAI_API_KEY: _, OPENAI_BASE_URL: __, ...env } = process.env;

interface Run {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  readonly exit: Promise<number | null>;
}

function run(args: readonly string[], more: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [join(built.dir, 'src/cli/main.js'), ...args], { env: { ...env, ...more } });
  const output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (data) => (output.stdout += data));
  child.stderr!.on('data', (data) => (output.stderr += data));
  return { child, output, exit: once(child, 'close').then(([code]) => code as number | null) };
}

async function serve(args: readonly string[] = [], more: Record<string, string> = {}) {
  const started = run(['serve', ...args], { LLM_ROUTER_PORT: '0', ...more });
  const url = await eventually(() => /http:\/\/127\.0\.0\.1:\d+/.exec(started.output.stderr)?.[0], 10_000);
  await eventually(() => started.output.stderr.includes('"listening on'), 10_000);
  return { ...started, url };
}

describe('llm-router serve', () => {
  it('says first and plainly that answers are simulated, and how to have real ones', async () => {
    const { child, exit, output, url } = await serve();
    expect(output.stderr.split('\n')[0]).toMatch(/^Answers are SIMULATED.*OPENAI_API_KEY/);
    const { json } = await post(url, { prompt: 'hi' });
    expect(json).toMatchObject({ provider: 'simulated', success: true });
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it('turns unready on SIGTERM, finishes what runs, and ends', async () => {
    const { child, exit, url } = await serve(['--drain-delay-ms', '500']);
    const running = post(url, { prompt: 'hi', model: 'sim-good' });
    child.kill('SIGTERM');
    const deadline = performance.now() + 450;
    let status = 200;
    while (status === 200 && performance.now() < deadline) status = (await ask(`${url}/readyz`)).status;
    expect(status).toBe(503);
    expect((await running).status).toBe(200);
    expect(await exit).toBe(0);
  });

  it('says in one line that its port is in use', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const { exit, output } = run(['serve', '--port', String(port)]);
    expect(await exit).toBe(1);
    expect(output.stderr).toBe(
      `llm-router: port ${port} of 127.0.0.1 is in use; choose another with --port or LLM_ROUTER_PORT\n`,
    );
    holder.close();
  });

  it('prefers a flag to the environment, and logs no admin key', async () => {
    const { child, exit, output, url } = await serve(['--admin-key', 'k-flag-1'], { LLM_ROUTER_ADMIN_KEY: 'k-env-2' });
    const status = async (key: string) =>
      (await ask(`${url}/stats`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect([await status('k-flag-1'), await status('k-env-2')]).toEqual([200, 401]);
    expect(linesOf(output.stderr).length).toBeGreaterThan(0);
    expect(output.stderr).not.toMatch(/k-flag-1|k-env-2/);
    child.kill('SIGTERM');
    await exit;
  });

  it.each([
    [['serve', '--port', 'eighty'], /--port.*eighty/],
    [['serve', '--no-such-flag'], /--no-such-flag/],
    [['serve', '--allow-host', 'http://x'], /--allow-host/],
    [['generate'], /prompt/],
    [['generate', 'hi', '--priority', 'urgent'], /critical, high, normal, low/],
    [['nothing'], /nothing/],
  ])('refuses %j by name', async (args, pattern) => {
    const { exit, output } = run(args);
    expect(await exit).toBe(1);
    expect(output.stderr).toMatch(pattern);
    expect(output.stderr).not.toMatch(/\n\s+at /);
  });
});

describe('llm-router generate', () => {
  it.each([
    [[]],
    [['--stream']],
    [['--priority', 'HIGH']],
  ])('prints the answer and nothing else, with %j', async (flags) => {
    const { exit, output } = run(['generate', 'hi', ...flags]);
    expect(await exit).toBe(0);
    expect(output.stdout).toMatch(/^\[simulated\] .+\n$/);
    expect(output.stderr).toMatch(/SIMULATED/);
  });
});

it('tells its version', async () => {
  const { exit, output } = run(['--version']);
  expect(await exit).toBe(0);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(output.stdout.trim()).toBe(version);
});
