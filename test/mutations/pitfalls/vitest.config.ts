import { defineConfig } from 'vitest/config';
import { patchPlugin } from '../patch-plugin.ts';
import { patchOf } from '../patches.ts';

const { MUTANT } = process.env;
const patch = MUTANT === undefined ? null : patchOf(MUTANT.replace('pitfall:', ''));

/** The regressions that a patch must fail, with the patch named in MUTANT (`pitfall:P07`) applied. */
export default defineConfig({
  plugins: patch === null ? [] : [patchPlugin(patch)],
  test: {
    include: ['test/regressions/**/*.test.ts'],
    // What runs a child process does not see the patch.
    exclude: ['test/regressions/process.test.ts'],
    testTimeout: 10_000,
    bail: 1,
    reporters: ['dot'],
  },
});
