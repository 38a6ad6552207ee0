import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build } from '../support/build.ts';
import { ask, eventually, linesOf, post } from '../support/running-server.ts';

const built = build();

// Nothing answers on port 1: an Ollama that runs on this machine must not change what is tested.
const { OPENAI_API_KEY: _, OPENAI_BASE_URL: __, ...rest } = process.env;
const env = { ...rest, OLLAMA_HOST: '127.0.0.1:1' };

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

describe.concurrent('llm-router serve', () => {
  it('says first and plainly that answers are simulated, and how to have real ones', async () => {
    const { child, exit, output, url } = await serve();
    expect(output.stderr.split('\n')[0]).toMatch(/^Answers are SIMULATED.*OPENAI_API_KEY/);
    const { json } = await post(url, { prompt: 'hi' });
    expect(json).toMatchObject({ provider: 'simulated', success: true });
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it('turns unready on SIGTERM, still answers for the drain delay, finishes what runs, and ends', async () => {
    const { child, exit, output, url } = await serve([], { LLM_ROUTER_DRAIN_DELAY_MS: '1000' });
    const running = post(url, { prompt: 'hi', model: 'sim-good' });
    const ready = () => ask(`${url}/readyz`);
    expect((await ready()).status).toBe(200);
    child.kill('SIGTERM');
    await eventually(() => output.stderr.includes('"draining"'));
    const [unready, alive, late] = await Promise.all([ready(), ask(`${url}/livez`), post(url, { prompt: 'hi' })]);
    expect([unready.status, unready.json]).toEqual([503, { status: 'draining' }]);
    expect([alive.status, late.status, (await running).status]).toEqual([200, 200, 200]);
    expect(unready.headers.connection).toBe('close');
    expect(await exit).toBe(0);
    await expect(ready()).rejects.toThrow('ECONNREFUSED');
    const phases = linesOf(output.stderr).map(({ msg }) => msg);
    expect(phases.filter((msg) => msg !== 'request')).toEqual([
      'answers of requests with a temperature of at most 0.3 are cached',
      `listening on ${url}`,
      'draining',
      'stopped',
    ]);
  });

  it.each([
    [['--cache', 'off'], {}, null],
    [[], { LLM_ROUTER_CACHE: 'exact' }, { state: 'ready', embedderId: null }],
    [[], { LLM_ROUTER_MODEL_PATH: '' }, { state: 'ready', embedderId: null }],
    [[], { LLM_ROUTER_MODEL_PATH: 'no-such-folder' }, { embedderId: 'all-MiniLM-L6-v2:q8' }],
  ] as const)('has the cache that %o %o says', async (args, env, expected) => {
    const { child, exit, url } = await serve([...args], env);
    const { cache } = (await ask(`${url}/stats`)).json as { cache: object | null };
    if (expected === null) expect(cache).toBeNull();
    else expect(cache).toMatchObject(expected);
    child.kill('SIGTERM');
    await exit;
  });

  it('says which tiers a cache can have', async () => {
    const { exit, output } = run(['serve', '--cache', 'everything']);
    expect(await exit).not.toBe(0);
    expect(output.stderr).toMatch(/'everything' is invalid.*auto, exact, semantic, off/);
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

describe.concurrent('llm-router generate', () => {
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

  it('asks a running Ollama, and then says nothing of simulation', async () => {
    const ollama = createServer((request, response) => {
      const tags = { models: [{ name: 'llama3:8b' }] };
      const chat = { message: { role: 'assistant', content: 'Paris' }, done: true, done_reason: 'stop' };
      response.setHeader('content-type', 'application/json');
      request.resume().on('end', () => response.end(JSON.stringify(request.url === '/api/tags' ? tags : chat)));
    }).listen(0, '127.0.0.1');
    await once(ollama, 'listening');
    const { port } = ollama.address() as AddressInfo;
    const { exit, output } = run(['generate', 'capital of France?'], { OLLAMA_HOST: `127.0.0.1:${port}` });
    expect(await exit).toBe(0);
    expect(output).toEqual({ stdout: 'Paris\n', stderr: '' });
    ollama.close();
  });

  it('fails in one line without the key when nothing answers', async () => {
    const key = 'sk-secret-4711';
    const { exit, output } = run(['generate', 'my prompt'], {
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
    });
    expect(await exit).toBe(1);
    expect(output.stdout).toBe('');
    expect(output.stderr).toMatch(
      /^llm-router: every model that was tried failed: gpt-4o-mini \(.*ECONNREFUSED.*\)\n$/,
    );
  });

  it('calls its request off on Ctrl-C', async () => {
    const ollama = createServer((request, response) => {
      if (request.url === '/api/tags') response.end('{"models":[{"name":"slow"}]}');
      else request.resume().on('end', () => child.kill('SIGINT'));
    }).listen(0, '127.0.0.1');
    await once(ollama, 'listening');
    const { port } = ollama.address() as AddressInfo;
    const { child, exit, output } = run(['generate', 'hi'], { OLLAMA_HOST: `127.0.0.1:${port}` });
    expect(await exit).toBe(130);
    expect(output).toEqual({ stdout: '', stderr: 'llm-router: interrupted\n' });
    ollama.closeAllConnections();
    ollama.close();
  });
});

it('tells its version', async () => {
  const { exit, output } = run(['--version']);
  expect(await exit).toBe(0);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(output.stdout.trim()).toBe(version);
});
