// Packs the package as it was built last, installs the tarball in an empty project, compiles the README's example there as
// a user would and runs it, and tries the command line.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expected, runnable } from './readme-example.mjs';

const CHARTS = `
import { LLMRouter } from 'llm-router';
import { createRequest, modelMachine, routerMachine } from 'llm-router/machines';
import { createActor } from 'xstate';

const router = new LLMRouter();
router.addModel('a', { provider: 'simulated', latencyMs: 1 });
const { request } = createRequest(router, { prompt: 'hi' });
router.actor.send(request);
const limits = { maxConcurrency: 1, maxQueueDepth: 1, attemptTimeoutMs: 1_000, abortGraceMs: 1_000 };
const model = createActor(modelMachine, { input: { name: 'm', breaker: null, limits } }).start();
console.log(model.getSnapshot().status, routerMachine.id);
model.stop();
await router.stop();
`;

const root = fileURLToPath(new URL('../', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'llm-router-smoke-'));
// Without a key, and without what configures a server here, answers are simulated unless an Ollama runs.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name !== 'OPENAI_API_KEY' && !name.startsWith('LLM_ROUTER_')),
);
const checks = [];

function run(command, args, cwd = dir) {
  try {
    return execFileSync(command, args, { cwd, env, encoding: 'utf8', timeout: 300_000 });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')} failed\n${error.stdout ?? ''}`, { cause: error });
  }
}
function check(what, holds) {
  if (!holds) throw new Error(`smoke test: it does not hold that ${what}`);
  checks.push(what);
}

try {
  const [{ filename, files }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], root),
  );
  check('the tarball holds no sources or tests', !files.some(({ path }) => /^(src|machines|test)\//.test(path)));
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', join(dir, filename)]);
  run('npm', ['ls', '--all']);
  check('npm ls finds the tree whole', true);

  const [example] = runnable(readFileSync(join(root, 'README.md'), 'utf8'));
  check('the README has an example and says what it prints', example !== undefined && expected(example).length > 0);
  writeFileSync(join(dir, 'example.ts'), example);
  writeFileSync(join(dir, 'charts.ts'), CHARTS);
  // Declarations are checked too (skipLibCheck false). That holds under `strict`; `exactOptionalPropertyTypes` is left
  // out, because under it XState's own declarations do not compile.
  writeFileSync(
    join(dir, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'nodenext', target: 'es2023', strict: true, types: ['node'], skipLibCheck: false },
      files: ['example.ts', 'charts.ts'],
    }),
  );
  // Node's own types, as any TypeScript project on Node has them.
  mkdirSync(join(dir, 'node_modules/@types'), { recursive: true });
  for (const name of ['@types/node', 'undici-types']) {
    symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));
  }
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']);
  check('both entry points compile with their declarations checked', true);
  const printed = run(process.execPath, ['example.js']);
  for (const line of expected(example)) check(`the example prints '${line}'`, printed.includes(line));
  check('the charts run on their own', run(process.execPath, ['charts.js']).trim() === 'active llm-router');

  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  check('llm-router --version', run('npx', ['--no', '--', 'llm-router', '--version']).trim() === version);
  check('llm-router generate', run('npx', ['--no', '--', 'llm-router', 'generate', 'hi']).trim().length > 0);
  for (const what of checks) console.log(`ok: ${what}`);
  console.log(`smoke test: ${checks.length} checks hold`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
