// Installs the second package that local embedders can run on, in a folder of its own: the version of sharp that it asks
// for fetches a library from outside the registry, and is overridden there without touching the first package's. Where it
// cannot be installed, the tests that need it are skipped and say so; under CI that is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../test/embedder-peers/', import.meta.url));
const { CI } = process.env;

if (!existsSync(`${folder}node_modules/@xenova/transformers/package.json`)) {
  // Its native package would download a build for GPUs, which nothing here runs on.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const command = 'npm ci --no-audit --no-fund --loglevel=error';
  const { status, error } = spawnSync(command, {
    cwd: folder,
    env,
    shell: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    console.error(`${command} failed in test/embedder-peers: ${error?.message ?? `status ${status}`}`);
    if (CI && CI !== 'false') process.exitCode = 1;
  }
}
