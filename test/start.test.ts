import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually, post } from './support/running-server.ts';

const ROOT = new URL('../', import.meta.url).pathname;

it('npm start gives its first answer within a minute, with no build step before', async () => {
  // In a copy of the sources, so that it starts without a build and disturbs none.
  mkdirSync(join(ROOT, '.build-test'), { recursive: true });
  const dir = mkdtempSync(join(ROOT, '.build-test', 'start-'));
  for (const path of ['src', 'machines', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(ROOT, path), join(dir, path), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const { OPENAI_API_KEY: _, ...env } = process.env;
  const startedAt = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: dir,
    env: { ...env, LLM_ROUTER_PORT: '0', OLLAMA_HOST: '127.0.0.1:1' },
    detached: true,
  });
  try {
    let output = '';
    child.stderr.on('data', (data) => (output += data));
    const url = await eventually(() => /"url":"(http:\/\/127\.0\.0\.1:\d+)"/.exec(output)?.[1], 60_000);
    const { json } = await post(url, { prompt: 'What is the capital of France?' });
    expect(json).toMatchObject({ success: true });
    expect(performance.now() - startedAt).toBeLessThan(60_000);
  } finally {
    process.kill(-child.pid!, 'SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
    rmSync(dir, { recursive: true, force: true });
  }
}, 90_000);
