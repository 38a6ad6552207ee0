import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Folders that .gitignore names, and git's own. */
const NOT_OURS = new Set([
  '.git',
  ...readFileSync(join(ROOT, '.gitignore'), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('/'))
    .map((line) => line.slice(0, -1)),
]);

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesIn(path);
    return entry.isFile() && !path.endsWith('.tgz') ? [path] : [];
  });
}

/** What git tracks, so that no stray log or editor's file fails a test; without git, everything that is there. */
function trackedFiles(): string[] {
  const { status, stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  const tracked = status === 0 ? stdout.split('\0').filter((path) => path && existsSync(join(ROOT, path))) : [];
  return tracked.length > 0 ? tracked : filesIn('');
}

const read = (path: string): SourceFile => ({ path, text: readFileSync(join(ROOT, path), 'utf8') });
const FILES = trackedFiles().map(read);
const SOURCES = [...filesIn('src'), ...filesIn('machines')].filter((path) => /\.tsx?$/.test(path)).map(read);

const PURE = ['src/breaker/', 'src/queue/', 'src/routing/', 'src/retry/', 'src/cache/guard/'];
/** Plain functions and constants that anything may use; as pure as those. */
const SHARED = ['src/random.ts', 'src/timer-limit.ts', 'src/nearest.ts'];
const OUTER = ['src/cli/', 'src/config/', 'src/server/', 'src/inspector/', 'src/verify/'];
/** What the package is to its user: the router together with the ways to show it. */
const FRONT = ['src/llm-router.ts', 'src/index.ts'];
/** Runs in a browser and nowhere else. */
const PAGE = 'src/inspector/web/';

const isIn = (path: string, folders: readonly string[]): boolean => folders.some((folder) => path.startsWith(folder));

/** What a file imports, its types and side effects and what it imports at run time included. */
function importsOf({ path, text }: SourceFile): string[] {
  const found = text.matchAll(/^(?:import|export)\s[^;]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'/gm);
  return [...found].map(([, from, bare, called]) => {
    const target = (from ?? bare ?? called)!;
    return target.startsWith('.') ? posix.join(posix.dirname(path), target) : target;
  });
}

function mayImport(path: string, target: string): boolean {
  if (isIn(path, [...PURE, ...SHARED])) return isIn(target, [...PURE, ...SHARED]);
  if (path.startsWith('machines/')) return target === 'xstate' || isIn(target, ['machines/', ...PURE, ...SHARED]);
  if (isIn(path, ['src/backends/'])) return !isIn(target, ['machines/', 'src/router.ts', ...OUTER]);
  return isIn(path, [...OUTER, ...FRONT]) || !isIn(target, [...OUTER, ...FRONT]);
}

/** Imports that point the wrong way. */
const wrongWay = (file: SourceFile): string[] =>
  importsOf(file)
    .filter((target) => !mayImport(file.path, target))
    .map((target) => `${file.path} → ${target}`);

/** Time or chance that does not come from the injected clock. */
function ownTime({ path, text }: SourceFile): string[] {
  if (path === 'src/clock.ts' || path.startsWith(PAGE)) return [];
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
  const found = code.match(
    /Date\.now|performance\.now|new Date\(|Math\.random|(?<![.\w])(?:globalThis\.)?(?:setTimeout|setInterval|setImmediate)\(|node:timers/g,
  );
  return (found ?? []).map((what) => `${path}: ${what}`);
}

/** Of what Node itself makes, nothing is an instance of these in a vm context, as tests under jest are. */
const ofOneRealm = ({ path, text }: SourceFile): string[] =>
  path === 'src/is-error.ts' || path.startsWith(PAGE) || path.endsWith('.worker.js')
    ? []
    : (text.match(/instanceof (?:(?:Aggregate)?Error|Object|Array|Map|Set|\w+Array|ArrayBuffer)\b/g) ?? []).map(
        (what) => `${path}: ${what}`,
      );

const defaultExports = ({ path, text }: SourceFile): string[] =>
  /^export default\b|\bas default\b/m.test(text) ? [path] : [];

/** What belongs to the place where the project was written and not to the project. */
function foreign({ path, text }: SourceFile): string[] {
  const patterns = [
    /(?<![\w.)\]}*-])\/(?:work|tmp|root|home|Users)\/[\w.-]*/g,
    /\bregistry\.[\w-]+\.(?:org|com|io|net|dev)\b/g,
    ...(path.endsWith('package-lock.json') ? [/"resolved":\s*"http[^"]*"/g] : []),
  ];
  return patterns.flatMap((pattern) => text.match(pattern) ?? []).map((what) => `${path}: ${what}`);
}

it('imports point one way', () => {
  expect(SOURCES.length).toBeGreaterThan(50);
  expect(SOURCES.flatMap(importsOf).length).toBeGreaterThan(200);
  expect(SOURCES.flatMap(wrongWay)).toEqual([]);
});

it.each([
  ['a pure file that imports a machine', 'src/queue/waiting.ts', '../../machines/events.ts'],
  ['a pure file that imports a backend', 'src/retry/classify.ts', '../backends/http.ts'],
  ['a pure file that imports Node', 'src/breaker/verdict.ts', 'node:fs'],
  ['a pure file that imports a package', 'src/routing/select.ts', 'xstate'],
  ['a shared file that imports a machine', 'src/random.ts', '../machines/events.ts'],
  ['a machine that imports a backend', 'machines/slot.logic.ts', '../src/backends/http.ts'],
  ['a machine that imports the router', 'machines/model/queue.ts', '../../src/router.ts'],
  ['a machine that imports Node', 'machines/timers.logic.ts', 'node:timers'],
  ['a machine that imports undici', 'machines/slot.logic.ts', 'undici'],
  ['a machine that imports fastify', 'machines/router.machine.ts', 'fastify'],
  ['a backend that imports the router', 'src/backends/openai.ts', '../router.ts'],
  ['a router that imports the server', 'src/router.ts', './server/server.ts'],
  ['a router that imports the inspector', 'src/router.ts', './inspector/hub.ts'],
  ['a router that imports what shows it', 'src/assembly.ts', './llm-router.ts'],
  ['a router that imports the command line', 'src/wiring.ts', './cli/main.ts'],
])('sees %s', (_, path, target) => {
  for (const statement of [
    `import { x } from '${target}';`,
    `import {\n  x,\n} from '${target}';`,
    `import type { X } from '${target}';`,
    `import '${target}';`,
    `export { x } from '${target}';`,
    `export * from '${target}';`,
    `const x = await import('${target}');`,
    `type X = import('${target}').X;`,
  ]) {
    expect(wrongWay({ path, text: `const before = 1;\n${statement}\n` }), statement).toHaveLength(1);
  }
});

it.each([
  ['src/server/server.ts', 'fastify'],
  ['src/server/server.ts', '../router.ts'],
  ['src/router.ts', '../machines/router.machine.ts'],
  ['machines/model/queue.ts', '../../src/queue/waiting.ts'],
  ['machines/slot.logic.ts', 'xstate'],
  ['src/queue/waiting.ts', './ordered-tree.ts'],
])('lets %s import %s', (path, target) => {
  expect(wrongWay({ path, text: `import { x } from '${target}';` })).toEqual([]);
});

it('takes time and chance from the injected clock', () => {
  expect(SOURCES.flatMap(ownTime)).toEqual([]);
});

it.each([
  'const at = Date.now();',
  'const at = performance.now();',
  'const at = new Date();',
  'const at = new Date(0);',
  'setTimeout(look, 5);',
  'globalThis.setTimeout(look, 5);',
  'setInterval(look, 5);',
  'setImmediate(look);',
  'const chance = Math.random();',
  "import { setTimeout as later } from 'node:timers';",
  "get('http://localhost', Date.now());",
])('sees time or chance from elsewhere: %s', (text) => {
  expect(ownTime({ path: 'machines/alarm.ts', text })).toHaveLength(1);
  expect(ownTime({ path: 'src/clock.ts', text })).toEqual([]);
});

it('takes neither a clock’s own methods nor comments for globals', () => {
  const text = 'clock.setTimeout(look, 5); // not setTimeout(\n/** Unlike Date.now() */';
  expect(ownTime({ path: 'machines/alarm.ts', text })).toEqual([]);
});

it('knows errors and vectors of every realm', () => {
  expect(SOURCES.flatMap(ofOneRealm)).toEqual([]);
  const text = 'if (error instanceof Error || vector instanceof Float32Array || error instanceof BackendError) look();';
  expect(ofOneRealm({ path: 'src/x.ts', text })).toEqual([
    'src/x.ts: instanceof Error',
    'src/x.ts: instanceof Float32Array',
  ]);
});

it('has no default export', () => {
  expect(SOURCES.flatMap(defaultExports)).toEqual([]);
  expect(defaultExports({ path: 'src/x.ts', text: 'const x = 1;\nexport default x;' })).toEqual(['src/x.ts']);
  expect(defaultExports({ path: 'src/x.ts', text: 'export { x as default };' })).toEqual(['src/x.ts']);
});

it('names no registry host and no path of the machine it was written on', () => {
  expect(FILES.length).toBeGreaterThan(SOURCES.length + 50);
  expect(FILES.flatMap(foreign)).toEqual([]);
});

it('sees a registry host and a path of the machine it was written on', () => {
  const slash = '/';
  const host = ['registry', 'example', 'org'].join('.');
  expect(foreign({ path: 'a.md', text: `see ${slash}work${slash}main` })).toEqual([`a.md: ${slash}work${slash}main`]);
  expect(foreign({ path: '.ci/run', text: `cd ${slash}root${slash}x` })).toHaveLength(1);
  expect(foreign({ path: '.npmrc', text: `registry=https://${host}/` })).toHaveLength(1);
  expect(foreign({ path: 'bench/package-lock.json', text: '"resolved": "https://a.example/b.tgz"' })).toHaveLength(1);
  expect(foreign({ path: 'src/a.ts', text: "from '../work/registry.test.ts'" })).toEqual([]);
});
