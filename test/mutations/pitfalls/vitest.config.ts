import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';
import { type Patch, patched, patchOf } from '../patches.ts';

const { MUTANT } = process.env;
const patch = MUTANT === undefined ? null : patchOf(MUTANT.replace('pitfall:', ''));

/** In memory: the working tree stays as it is. */
function plugin(applied: Patch): Plugin {
  const target = fileURLToPath(new URL(`../../../${applied.file}`, import.meta.url));
  return {
    name: 'pitfall',
    enforce: 'pre',
    transform: (source, id) => (id.split('?')[0] === target ? patched(source, applied) : null),
  };
}

/** The regressions that a patch must fail, with the patch named in MUTANT (`pitfall:P07`) applied. */
export default defineConfig({
  plugins: patch === null ? [] : [plugin(patch)],
  test: {
    include: ['test/regressions/**/*.test.ts'],
    // What runs a child process does not see the patch.
    exclude: ['test/regressions/process.test.ts'],
    testTimeout: 10_000,
    bail: 1,
    reporters: ['dot'],
  },
});
