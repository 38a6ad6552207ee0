import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;

/**
 * Compiles the sources as `npm run build` does, into a folder of its own inside the checkout, so that a child process
 * can run them with the checkout's packages. Remove it when done.
 */
export function build(): { readonly dir: string; readonly url: (path: string) => string; remove(): void } {
  mkdirSync(join(ROOT, '.build-test'), { recursive: true });
  const root = mkdtempSync(join(ROOT, '.build-test', 'build-'));
  const dir = join(root, 'dist');
  copyFileSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', dir], { cwd: ROOT });
  return {
    dir,
    url: (path) => new URL(path, `file://${dir}/`).href,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
