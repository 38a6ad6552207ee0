// What the tests need beyond Node. As root on Debian it installs what is missing; elsewhere it says so, and the tests
// that need it are skipped with the reason in their name. Under CI a missing tool is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Nothing yet. TEST_TOOLS replaces the table, for its own test. */
const TOOLS = JSON.parse(process.env.TEST_TOOLS ?? '[]');
// TOOLS: { command: 'chromium', package: 'chromium', neededBy: 'test/inspector' }

const isThere = ({ command }) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const missing = () => TOOLS.filter((tool) => !isThere(tool));
const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version') && !process.env.TEST_TOOLS_NO_INSTALL;

if (missing().length > 0 && canInstall) {
  const packages = missing().map((tool) => tool.package);
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { stdio: 'inherit' });
}
for (const { command, neededBy } of missing()) {
  console.error(`${command} is missing: ${neededBy} needs it${process.env.CI ? '' : ' and is skipped'}`);
}
if (process.env.CI && missing().length > 0) process.exitCode = 1;
