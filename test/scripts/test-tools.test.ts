import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/test-tools.mjs', import.meta.url));
const PRESENT = { command: 'sh', package: 'dash', neededBy: 'test/nothing' };
const ABSENT = { command: 'no-such-command', package: 'no-such-package', neededBy: 'test/nothing' };
const MISSING = 'no-such-command is missing (package no-such-package): test/nothing needs it\n';

/** A folder at the head of PATH whose `apt-get` writes down how it was called, so that nothing is really installed. */
let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'llm-router-tools-'));
});
afterEach(() => rmSync(bin, { recursive: true }));

function plantAptGet(body: string): void {
  writeFileSync(join(bin, 'apt-get'), `#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> "${bin}/calls"\n${body}\n`);
  chmodSync(join(bin, 'apt-get'), 0o755);
}
/** What makes the absent command appear, as an installation does. */
const installs = (): string =>
  `[ "$2" != install ] || { printf '#!/bin/sh\\n' > "${bin}/no-such-command"; chmod +x "${bin}/no-such-command"; }`;
const calls = (): string[] =>
  existsSync(join(bin, 'calls')) ? readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n') : [];

function run(tools: readonly object[], env: Record<string, string>) {
  const { CI: _, ...rest } = process.env;
  return spawnSync(process.execPath, [SCRIPT], {
    env: { ...rest, PATH: `${bin}:${rest['PATH']}`, TEST_TOOLS: JSON.stringify(tools), ...env },
    encoding: 'utf8',
  });
}

it('passes in silence, and installs nothing, when every tool is there', () => {
  plantAptGet(installs());
  const { status, stdout, stderr } = run([PRESENT], { TEST_TOOLS_AS: 'root', CI: 'true' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(calls()).toEqual([]);
});

it('installs by apt-get only what is missing, as root on Debian', () => {
  plantAptGet(installs());
  const { status, stderr } = run([PRESENT, ABSENT], { TEST_TOOLS_AS: 'root', CI: 'true' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(calls()).toEqual([
    'noninteractive -qq update',
    'noninteractive -qq install -y --no-install-recommends no-such-package',
  ]);
});

it('elsewhere says what is missing and who needs it, and installs nothing', () => {
  plantAptGet(installs());
  const { status, stderr } = run([PRESENT, ABSENT], { TEST_TOOLS_AS: 'user' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: MISSING });
  expect(calls()).toEqual([]);
});

it('fails under CI when a tool is missing', () => {
  const { status, stderr } = run([ABSENT], { TEST_TOOLS_AS: 'user', CI: 'true' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: MISSING });
});

it('fails under CI when apt-get does, and says so', () => {
  plantAptGet('exit 100');
  const { status, stderr } = run([ABSENT], { TEST_TOOLS_AS: 'root', CI: 'true' });
  expect(status).toBe(1);
  expect(stderr).toBe(`apt-get update failed: status 100\napt-get install failed: status 100\n${MISSING}`);
});

it('fails under CI when apt-get succeeds and the command is still not there', () => {
  plantAptGet('exit 0');
  const { status, stderr } = run([ABSENT], { TEST_TOOLS_AS: 'root', CI: 'true' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: MISSING });
});

it('names its own tools, their packages and the tests that need them', () => {
  const { TEST_TOOLS: _, ...env } = process.env;
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT], {
    env: { ...env, PATH: bin, CI: 'true', TEST_TOOLS_AS: 'user' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toBe(
    'wat2wasm is missing (package wabt): test/cache/index/kernel.test.ts needs it\n' +
      'chromium is missing (package chromium): test/inspector/browser needs it\n',
  );
  for (const path of ['cache/index/kernel.test.ts', 'inspector/browser']) {
    expect(existsSync(new URL(`../${path}`, import.meta.url)), path).toBe(true);
  }
});
