// What the tests need beyond Node. As root on Debian it installs what is missing; elsewhere it says what is missing and
// for which tests, and lets them run. Under CI a tool that is still missing is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Each `{ command, package, neededBy }`. */
const TOOLS = [
  { command: 'wat2wasm', package: 'wabt', neededBy: 'test/cache/index/kernel.test.ts' },
  { command: 'chromium', package: 'chromium', neededBy: 'test/inspector/browser' },
];

// For the test of this script: another table, and `root` or `user` in place of who runs it.
const { TEST_TOOLS, TEST_TOOLS_AS, CI } = process.env;
const tools = TEST_TOOLS ? JSON.parse(TEST_TOOLS) : TOOLS;
const canInstall = TEST_TOOLS_AS
  ? TEST_TOOLS_AS === 'root'
  : process.getuid?.() === 0 && existsSync('/etc/debian_version');

const isThere = ({ command }) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command]).status === 0;
const missing = () => tools.filter((tool) => !isThere(tool));

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error } = spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) console.error(`apt-get ${args[0]} failed: ${error?.message ?? `status ${status}`}`);
}

if (canInstall && missing().length > 0) {
  const packages = missing().map((tool) => tool.package);
  aptGet('update');
  aptGet('install', '-y', '--no-install-recommends', ...packages);
}
const stillMissing = missing();
for (const tool of stillMissing) {
  console.error(`${tool.command} is missing (package ${tool.package}): ${tool.neededBy} needs it`);
}
if (CI && CI !== 'false' && stillMissing.length > 0) process.exitCode = 1;
