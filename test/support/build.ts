import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;
const BUILDS = join(ROOT, '.build-test');
const SOURCES = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src', 'machines'];
/** Longer than a build takes on a busy machine: whoever began one has died since. */
const ABANDONED_MS = 120_000;

export interface Build {
  /** The folder that `npm run build` calls `dist`. */
  readonly dir: string;
  /** What a child process imports a compiled file by. */
  readonly url: (path: string) => string;
}

/**
 * The sources as `npm run build` compiles them, in a folder inside the checkout, so that a child process can run them
 * with the checkout's packages. Compiled once for all test files, and anew when a source has changed; read only.
 */
export function build(): Build {
  mkdirSync(BUILDS, { recursive: true });
  const root = join(BUILDS, `build-${stateOfSources()}`);
  const mark = join(root, 'complete');
  while (!existsSync(mark)) {
    if (isBegunHere(root)) {
      try {
        compileInto(root);
      } catch (error) {
        // Who waits for it is not to wait in vain.
        rmSync(root, { recursive: true, force: true });
        throw error;
      }
      writeFileSync(mark, '');
    } else if (ageOf(root) > ABANDONED_MS) {
      rmSync(root, { recursive: true, force: true });
    } else {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  const dir = join(root, 'dist');
  return { dir, url: (path) => new URL(path, `file://${dir}/`).href };
}

/** The same text as long as no source is changed, added or removed. */
function stateOfSources(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const isFolder = statSync(join(ROOT, source)).isDirectory();
    const paths = isFolder ? readdirSync(join(ROOT, source), { recursive: true, encoding: 'utf8' }).sort() : [];
    for (const path of ['', ...paths]) hash.update(`${source} ${path} ${statSync(join(ROOT, source, path)).mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Whether the build is this process's to make: no other has begun it. */
function isBegunHere(root: string): boolean {
  try {
    mkdirSync(root);
    return true;
  } catch {
    return false;
  }
}

function compileInto(root: string): void {
  // What another run may still use is left to a later one.
  for (const name of readdirSync(BUILDS)) {
    if (ageOf(join(BUILDS, name)) > 3_600_000) rmSync(join(BUILDS, name), { recursive: true, force: true });
  }
  copyFileSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', join(root, 'dist')];
  execFileSync(process.execPath, args, { cwd: ROOT });
}

function ageOf(path: string): number {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? 0 : Date.now() - status.mtimeMs;
}
