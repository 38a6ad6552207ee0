// Compiles the library and this app into a folder of their own and runs the app there; any supported Node will do.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
mkdirSync(`${root}.examples`, { recursive: true });
const folder = mkdtempSync(`${root}.examples/support-tickets-`);
try {
  // A package of the library's name around the output: that is how the app finds `llm-router` by name.
  copyFileSync(`${root}package.json`, `${folder}/package.json`);
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const project = fileURLToPath(new URL('tsconfig.json', import.meta.url));
  execFileSync(process.execPath, [tsc, '-p', project, '--outDir', `${folder}/dist`], { stdio: 'inherit' });
  execFileSync(process.execPath, [`${folder}/dist/examples/support-tickets/main.js`], { stdio: 'inherit' });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
