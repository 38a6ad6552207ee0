import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { FolderTimes } from './test/support/folder-times.ts';
import { LongestFirst } from './test/support/longest-first.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { VITEST_REPORT } = process.env;

export default defineConfig({
  // Examples and guides import the package by its name, as a user would.
  resolve: {
    alias: [
      { find: /^llm-router\/machines$/, replacement: source('./machines/index.ts') },
      { find: /^llm-router$/, replacement: source('./src/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/mutations/**'],
    testTimeout: 30_000,
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new FolderTimes(), ...(VITEST_REPORT ? ['json' as const] : [])],
    ...(VITEST_REPORT && { outputFile: { json: VITEST_REPORT } }),
  },
});
