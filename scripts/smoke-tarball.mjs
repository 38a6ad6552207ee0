// Packs the package, installs the tarball in an empty project, compiles the README's example there as a user would and
// runs it, and tries the command line.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expected, runnable } from './readme-example.mjs';

const root = new URL('../', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'llm-router-smoke-'));
const { OPENAI_API_KEY: _, ...env } = process.env;
const run = (command, args, cwd = dir) => execFileSync(command, args, { cwd, env, encoding: 'utf8' });
let checks = 0;
const check = (what, holds) => {
  if (!holds) throw new Error(`smoke test: ${what}`);
  checks++;
};

try {
  const [{ filename, files }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', dir], root));
  check('the tarball holds no sources or tests', !files.some(({ path }) => /^(src|machines|test)\//.test(path)));
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', join(dir, filename)]);
  run('npm', ['ls', '--all']);

  const [example] = runnable(readFileSync(join(root, 'README.md'), 'utf8'));
  writeFileSync(join(dir, 'example.ts'), example);
  writeFileSync(
    join(dir, 'machines.ts'),
    "import { createActor } from 'xstate';\nimport { createRequest, modelMachine, routerMachine } from 'llm-router/machines';\nimport { LLMRouter } from 'llm-router';\n" +
      "const router = new LLMRouter();\nrouter.addModel('a', { provider: 'simulated', latencyMs: 1 });\nconst { request } = createRequest(router, { prompt: 'hi' });\nrouter.actor.send(request);\n" +
      "const model = createActor(modelMachine, { input: { name: 'm', breaker: null, limits: { maxConcurrency: 1, maxQueueDepth: 1, attemptTimeoutMs: 1_000, abortGraceMs: 1_000 } } }).start();\n" +
      'console.log(model.getSnapshot().value, routerMachine.id);\nmodel.stop();\nawait router.stop();\n',
  );
  writeFileSync(
    join(dir, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'nodenext', target: 'es2023', strict: true, types: ['node'], skipLibCheck: true },
      files: ['example.ts', 'machines.ts'],
    }),
  );
  // Node's own types, as any TypeScript project on Node has them.
  run('mkdir', ['-p', 'node_modules/@types']);
  for (const name of ['@types/node', 'undici-types']) {
    symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));
  }
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']);
  const printed = run(process.execPath, ['example.js']);
  for (const line of expected(example)) check(`the example prints '${line}'`, printed.includes(line));
  check('the charts run on their own', run(process.execPath, ['machines.js']).includes('llm-router'));

  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  check('--version', run('npx', ['llm-router', '--version']).trim() === version);
  check('generate answers', run('npx', ['llm-router', 'generate', 'hi']).trim().length > 0);
  console.log(`smoke test: ${checks} checks hold`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
