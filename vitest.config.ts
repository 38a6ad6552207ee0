import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { FolderTimes } from './test/support/folder-times.ts';
import { LongestFirst } from './test/support/longest-first.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { VITEST_REPORT } = process.env;

/** The same charts over and over, in the build of XState that users run, which is the quicker one too. */
const EXPLORATION = [
  'test/machines/**/*.exploration.*.test.ts',
  'test/verify/check/*.test.ts',
  'test/verify/testing/policy-{paths,walks}*.test.ts',
];

/**
 * Folders whose tests leave nothing in their process: their files share workers, which load the sources only once. Not
 * `reference.test.ts`, which is long and hot: it gains nothing, and compiled code is best when it is its own.
 */
const SHARED = [
  'breaker',
  'cache/guard',
  'cache/router',
  'docs',
  'inspector/chart',
  'inspector/web',
  'logic',
  'queue',
  'retry',
  'router',
  'routing',
  'scripts',
  'server',
  'telemetry',
  'verify/testing',
].map((folder) => `test/${folder}/**/!(reference|policy-paths*|policy-walks*).test.ts`);

const OTHER_RUNS = ['test/mutations/**'];

export default defineConfig({
  // Examples and guides import the package by its name, as a user would.
  resolve: {
    alias: [
      { find: /^llm-router\/machines$/, replacement: source('./machines/index.ts') },
      { find: /^llm-router\/testing$/, replacement: source('./src/verify/testing/index.ts') },
      { find: /^llm-router$/, replacement: source('./src/index.ts') },
    ],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One of them mostly waits: for outages that last a minute, for browsers and children.
    maxWorkers: availableParallelism() + 1,
    // A report holds the messages and no differences: what failed is to be in them.
    chaiConfig: { truncateThreshold: 1_000 },
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new FolderTimes(), ...(VITEST_REPORT ? ['json' as const] : [])],
    ...(VITEST_REPORT && { outputFile: { json: VITEST_REPORT } }),
    projects: [
      {
        extends: true,
        ssr: { resolve: { conditions: ['module', 'node'] } },
        // Nearly all that a step makes is dropped at once: the larger the nursery, the less is copied.
        test: { name: 'exploration', include: EXPLORATION, execArgv: ['--max-semi-space-size=64'] },
      },
      {
        extends: true,
        // No `exclude`: it would be taken in place of the one on the command line.
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts', ...[...OTHER_RUNS, ...EXPLORATION, ...SHARED].map((pattern) => `!${pattern}`)],
        },
      },
      { extends: true, test: { name: 'shared', include: SHARED, isolate: false } },
    ],
  },
});
