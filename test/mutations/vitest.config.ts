import { defineConfig } from 'vitest/config';

/** The tests that a mutant must fail, with the mutant named in MUTANT applied before each file. */
export default defineConfig({
  test: {
    include: [
      'test/mutations/exploration.test.ts',
      'test/machines/cache.machine.test.ts',
      'test/machines/model.machine.test.ts',
      'test/cache/router/**/*.test.ts',
      'test/router/**/*.test.ts',
      'test/regressions/**/*.test.ts',
    ],
    // What runs a child process does not see the mutant.
    exclude: ['test/regressions/process.test.ts'],
    setupFiles: ['test/mutations/apply.ts'],
    testTimeout: 10_000,
    bail: 1,
    reporters: ['dot'],
  },
});
