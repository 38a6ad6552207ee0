import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheOf, serveOptionsOf, withoutEmptyVariables } from '../../src/cli/serve-config.ts';
import { serveOptions } from '../../src/cli/serve-options.ts';
import type { RouterConfig } from '../../src/config/router-config.ts';
import { build } from '../support/build.ts';
import { ask, eventually, linesOf, post } from '../support/running-server.ts';

/** The command after these flags, under these variables. */
function parsed(flags: readonly string[] = [], environment: Record<string, string> = {}): Command {
  const command = new Command('serve').exitOverride();
  for (const option of serveOptions) command.addOption(option);
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    return command.parse(flags, { from: 'user' });
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

describe('what llm-router serve listens on', () => {
  const server = {
    host: '127.0.0.9',
    port: 9,
    allowHosts: ['file.example'],
    adminKey: 'k-file',
    drainDelayMs: 9,
  };

  it('is what the file says', () => {
    expect(serveOptionsOf(parsed(), server)).toMatchObject({
      host: '127.0.0.9',
      port: 9,
      allowHost: ['file.example'],
      adminKey: 'k-file',
      drainDelayMs: 9,
    });
  });

  it('is the default where the file says nothing', () => {
    expect(serveOptionsOf(parsed(), { port: 9, host: undefined })).toMatchObject({
      host: '127.0.0.1',
      port: 9,
      allowHost: [],
      drainDelayMs: 0,
    });
    expect(serveOptionsOf(parsed())).toMatchObject({ host: '127.0.0.1', port: 8000 });
  });

  it('is what a flag says, else its variable, before the file', () => {
    const command = parsed(['--port', '1', '--allow-host', 'flag.example'], {
      LLM_ROUTER_PORT: '2',
      LLM_ROUTER_HOST: '127.0.0.2',
      LLM_ROUTER_ADMIN_KEY: 'k-variable',
    });
    expect(serveOptionsOf(command, server)).toMatchObject({
      host: '127.0.0.2',
      port: 1,
      allowHost: ['flag.example'],
      adminKey: 'k-variable',
      drainDelayMs: 9,
    });
  });

  it('is what a flag says that repeats the default', () => {
    expect(serveOptionsOf(parsed(['--port', '8000']), server).port).toBe(8000);
  });
});

describe('a variable that is set to nothing', () => {
  it('counts as unset where it names a file', () => {
    const command = parsed([], { LLM_ROUTER_CONFIG: '', LLM_ROUTER_CACHE_PATH: '' });
    expect(withoutEmptyVariables(command).config).toBeUndefined();
    expect(cacheOf(command, { path: 'b.sqlite', embedder: false }, {})).toEqual({ path: 'b.sqlite', embedder: false });
  });

  it('is refused by its name where it is a key', () => {
    expect(() => withoutEmptyVariables(parsed([], { LLM_ROUTER_ADMIN_KEY: '' }))).toThrow(
      'LLM_ROUTER_ADMIN_KEY: given an empty string; accepted: one or more visible ASCII characters, or no such variable',
    );
    expect(withoutEmptyVariables(parsed(['--admin-key', 'k'], { LLM_ROUTER_ADMIN_KEY: '' })).adminKey).toBe('k');
  });

  it('is no flag that is given nothing', () => {
    expect(withoutEmptyVariables(parsed(['--config', ''], { LLM_ROUTER_CONFIG: 'a.yaml' })).config).toBe('');
  });
});

describe('the cache of llm-router serve', () => {
  const own = { provider: 'local', model: 'm' };
  const WEIGHTS = { LLM_ROUTER_MODEL_PATH: 'models' };

  it.each<[string[], RouterConfig['cache'], Record<string, string>, unknown]>([
    [[], undefined, {}, { embedder: false }],
    [[], undefined, WEIGHTS, {}],
    [[], false, {}, false],
    [[], { ttlHours: 1 }, {}, { ttlHours: 1 }],
    [[], { ttlHours: 1, embedder: false }, WEIGHTS, { ttlHours: 1, embedder: false }],
    [['--cache', 'off'], { ttlHours: 1 }, {}, false],
    [['--cache', 'exact'], { ttlHours: 1, embedder: own }, {}, { ttlHours: 1, embedder: false }],
    [['--cache', 'semantic'], { ttlHours: 1, embedder: own }, {}, { ttlHours: 1, embedder: own }],
    [['--cache', 'semantic'], { ttlHours: 1, embedder: false }, {}, { ttlHours: 1 }],
    [['--cache', 'auto'], { ttlHours: 1 }, {}, { ttlHours: 1, embedder: false }],
    [['--cache', 'exact'], false, {}, { embedder: false }],
    [['--cache-path', 'a.sqlite'], { path: 'b.sqlite', embedder: false }, {}, { path: 'a.sqlite', embedder: false }],
    [['--cache-path', 'a.sqlite'], false, {}, false],
    [['--cache-path', 'a.sqlite'], undefined, {}, { path: 'a.sqlite', embedder: false }],
  ])('after %j, with %j in the file and %j in the environment, is %j', (flags, written, environment, expected) => {
    expect(cacheOf(parsed(flags), written, environment)).toEqual(expected);
  });
});

describe.concurrent('the command', { timeout: 90_000 }, () => {
  const built = build();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'llm-router-serve-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  interface Run {
    readonly child: ChildProcess;
    readonly output: { stdout: string; stderr: string };
    readonly exit: Promise<number | null>;
  }

  function run(args: readonly string[], more: Record<string, string> = {}): Run {
    const { OPENAI_API_KEY: _, ANTHROPIC_API_KEY: __, AZURE_OPENAI_API_KEY: ___, ...rest } = process.env;
    const env = { ...rest, OLLAMA_HOST: '127.0.0.1:1', ...more };
    const child = spawn(process.execPath, [join(built.dir, 'src/cli/main.js'), ...args], { env, cwd: folder });
    const output = { stdout: '', stderr: '' };
    child.stdout!.on('data', (data) => (output.stdout += data));
    child.stderr!.on('data', (data) => (output.stderr += data));
    return { child, output, exit: once(child, 'close').then(([code]) => code as number | null) };
  }

  async function served({ output }: Run): Promise<string> {
    await eventually(() => output.stderr.includes('"listening on'), 40_000);
    return /http:\/\/127\.0\.0\.1:\d+/.exec(output.stderr)![0];
  }

  function write(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return name;
  }

  it('serves the models and the rules of its file, and shows no reference resolved', async () => {
    const file = write(
      'secrets.yaml',
      [
        'models:',
        '  mine: { provider: simulated, latencyMs: 0 }',
        '  gpt: { provider: openai, model: gpt-4o-mini, apiKey: "$' + '{SECRET_KEY}", baseUrl: "http://127.0.0.1:1" }',
        'rules:',
        '  - { name: all, targets: [mine], fallback: [gpt] }',
        'cache: { embedder: false, path: "$' + '{SECRET_PATH}" }',
        'server: { port: 1, adminKey: "$' + '{SECRET_ADMIN}" }',
      ].join('\n'),
    );
    const secrets = { SECRET_KEY: 'sk-secret', SECRET_ADMIN: 'k-secret', SECRET_PATH: join(folder, 'secret.sqlite') };
    const started = run(['serve', '--config', file], { ...secrets, LLM_ROUTER_PORT: '0' });
    const url = await served(started);
    expect(started.output.stderr.split('\n')[0]).toBe('Answers come from mine, gpt, as secrets.yaml says.');
    const { json } = await post(url, { prompt: 'hi' });
    expect(json).toMatchObject({ provider: 'simulated', success: true });
    const models = (authorization: string) => ask(`${url}/models`, { headers: { authorization } });
    expect(Object.keys((await models('Bearer k-secret')).json)).toEqual(['mine', 'gpt']);
    expect((await models('Bearer no')).status).toBe(401);
    expect(linesOf(started.output.stderr).length).toBeGreaterThan(1);
    started.child.kill('SIGTERM');
    expect(await started.exit).toBe(0);
    expect(started.output.stderr).not.toMatch(/secret(?!s\.yaml)/);
  });

  it('tells every mistake of a wrong file before it listens', async () => {
    const file = write(
      'wrong.yaml',
      'models:\n  a: { provider: simulated, latencyMS: 1 }\nrules: [{ targets: [b] }]\n',
    );
    const served = run(['serve', '--port', '0'], { LLM_ROUTER_CONFIG: file });
    const checked = run(['check', file]);
    expect([await served.exit, await checked.exit]).toEqual([1, 1]);
    const lines = served.output.stderr.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^wrong\.yaml:2:\d+ models\.a\.latencyMS: /);
    expect(served.output.stderr).not.toMatch(/Inspector|listening|\n\s+at /);
    expect(checked.output).toMatchObject({ stdout: '', stderr: expect.stringMatching(/^wrong\.yaml:2:\d+ /) });
  });

  it('writes a file that it finds no fault in, and serves', async () => {
    const begun = run(['init']);
    expect([await begun.exit, begun.output.stderr]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'llm-router.yaml'), 'utf8')).toContain('sim-fast');
    const checked = run(['check', 'llm-router.yaml', '--strict']);
    const started = run(['serve', '--config', 'llm-router.yaml', '--port', '0']);
    const again = run(['init']);
    const { json } = await post(await served(started), { prompt: 'hi' });
    expect(json).toMatchObject({ provider: 'simulated', success: true });
    started.child.kill('SIGTERM');
    expect([await checked.exit, await again.exit, await started.exit]).toEqual([0, 1, 0]);
    expect(checked.output.stdout).toMatch(/^llm-router\.yaml: no errors, no warnings\n/);
    expect(checked.output.stderr).toBe('');
    expect(again.output.stderr).toBe('llm-router: init: llm-router.yaml is there already; --force overwrites it\n');
  });

  it('refuses a wrong command line by name', async () => {
    const wrong = run(['check', 'a.yaml', '--format', 'xml']);
    expect(await wrong.exit).toBe(1);
    expect(wrong.output.stderr).toMatch(/'xml' is invalid.*text, json, mermaid/);
  });
});
