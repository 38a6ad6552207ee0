import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/test-tools.mjs', import.meta.url));

const run = (tools: readonly object[], env: Record<string, string>) => {
  const { CI: _, ...rest } = process.env;
  return spawnSync(process.execPath, [SCRIPT], {
    env: { ...rest, TEST_TOOLS: JSON.stringify(tools), TEST_TOOLS_NO_INSTALL: '1', ...env },
    encoding: 'utf8',
  });
};
const PRESENT = { command: 'sh', package: 'dash', neededBy: 'test/nothing' };
const ABSENT = { command: 'no-such-command', package: 'no-such-package', neededBy: 'test/nothing' };

it('passes when every tool is there', () => {
  expect(run([PRESENT], { CI: 'true' }).status).toBe(0);
});

it('says what is missing and who needs it', () => {
  const { status, stderr } = run([PRESENT, ABSENT], {});
  expect(status).toBe(0);
  expect(stderr).toBe('no-such-command is missing: test/nothing needs it and is skipped\n');
});

it('fails under CI when a tool is missing', () => {
  expect(run([ABSENT], { CI: 'true' }).status).toBe(1);
});
