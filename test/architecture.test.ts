import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n');
const read = (path: string): SourceFile => ({ path, text: readFileSync(ROOT + path, 'utf8') });
const SOURCES = tracked.filter((path) => /^(src|machines)\/.*\.ts$/.test(path)).map(read);

const PURE = ['src/breaker/', 'src/queue/', 'src/routing/', 'src/retry/'];
/** Plain functions and constants that anything may use. */
const SHARED = ['src/random.ts', 'src/timer-limit.ts', 'src/nearest.ts'];
const OUTER = ['src/cli/', 'src/server/', 'src/inspector/', 'src/verify/'];

const isIn = (path: string, folders: readonly string[]): boolean => folders.some((folder) => path.startsWith(folder));

function importsOf({ path, text }: SourceFile): { readonly target: string; readonly isTypeOnly: boolean }[] {
  const statements = text.matchAll(/^(import|export)\s+(type\s)?[^;]*?from '([^']+)'/gm);
  return [...statements].map(([, , type, target]) => ({
    target: target!.startsWith('.') ? posix.join(posix.dirname(path), target!) : target!,
    isTypeOnly: type !== undefined,
  }));
}

/** Imports that point the wrong way. */
function wrongWay(file: SourceFile): string[] {
  const { path } = file;
  return importsOf(file).flatMap(({ target, isTypeOnly }) => {
    const isLocal = target.startsWith('src/') || target.startsWith('machines/');
    const isWrong = isIn(path, PURE)
      ? !isIn(target, [...PURE, ...SHARED])
      : path.startsWith('machines/')
        ? !(target === 'xstate' || isIn(target, ['machines/', ...PURE, ...SHARED]))
        : isIn(path, ['src/backends/'])
          ? isLocal && (target.startsWith('machines/') || isIn(target, OUTER) || target === 'src/router.ts')
          : !isIn(path, OUTER) && isIn(target, OUTER);
    return isWrong ? [`${path} → ${target}${isTypeOnly ? ' (type)' : ''}`] : [];
  });
}

/** Time or chance that does not come from the injected clock. */
function ownTime({ path, text }: SourceFile): string[] {
  if (path === 'src/clock.ts') return [];
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const found = code.match(
    /Date\.now|performance\.now|new Date\(\)|Math\.random|(?<![.\w])(?:setTimeout|setInterval|setImmediate)\(/g,
  );
  return (found ?? []).map((what) => `${path}: ${what}`);
}

const defaultExports = ({ path, text }: SourceFile): string[] => (/^export default/m.test(text) ? [path] : []);

/** Words that belong to a workplace and not to the project. */
const foreign = ({ path, text }: SourceFile): string[] =>
  [/\/work\//, /registry\.npmjs/, /"resolved":/]
    .filter((word) => word.test(text))
    .map((word) => `${path}: ${word.source}`);

it('imports point one way', () => {
  expect(SOURCES.length).toBeGreaterThan(50);
  expect(SOURCES.flatMap(wrongWay)).toEqual([]);
});

it('sees an import that points the wrong way', () => {
  const planted = (path: string, target: string) => wrongWay({ path, text: `import { x } from '${target}';` });
  expect(planted('src/queue/waiting.ts', '../../machines/events.ts')).toHaveLength(1);
  expect(planted('src/breaker/verdict.ts', 'node:fs')).toHaveLength(1);
  expect(planted('machines/slot.logic.ts', '../src/backends/http.ts')).toHaveLength(1);
  expect(planted('machines/slot.logic.ts', 'undici')).toHaveLength(1);
  expect(planted('src/router.ts', './server/server.ts')).toHaveLength(1);
  expect(planted('src/backends/openai.ts', '../router.ts')).toHaveLength(1);
  expect(planted('machines/slot.logic.ts', 'xstate')).toEqual([]);
});

it('time and chance come from the injected clock', () => {
  expect(SOURCES.flatMap(ownTime)).toEqual([]);
});

it('sees time that is taken from elsewhere', () => {
  expect(ownTime({ path: 'src/router.ts', text: 'const at = Date.now();' })).toHaveLength(1);
  expect(ownTime({ path: 'machines/alarm.ts', text: 'setTimeout(look, 5);' })).toHaveLength(1);
  expect(ownTime({ path: 'machines/alarm.ts', text: 'time.setTimeout(look, 5); // not setTimeout(' })).toEqual([]);
});

it('has no default export', () => {
  expect(SOURCES.flatMap(defaultExports)).toEqual([]);
  expect(defaultExports({ path: 'src/x.ts', text: 'export default 1;' })).toEqual(['src/x.ts']);
});

it('speaks of itself alone', () => {
  const texts = tracked.filter(
    (path) => /\.(ts|mjs|md|json|yml)$|^\.ci\/|^LICENSE$/.test(path) && !path.startsWith('test/architecture'),
  );
  expect(texts.map(read).flatMap(foreign)).toEqual([]);
  expect(foreign({ path: 'a.md', text: `see ${'/wor'}k/main` })).toHaveLength(1);
});
