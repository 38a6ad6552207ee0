import type { Reporter, TestModule } from 'vitest/node';

const isExploration = (path: string): boolean => path.includes('.exploration.');
const isCache = (path: string): boolean => path.startsWith('test/cache/');
const isWall = (path: string): boolean => path.startsWith('test/faults/');

/** What the tests may take, summed over workers: the chart's every state, faults on real sockets, real models and kills, and all others. */
const BUDGETS = [
  { name: 'exploration', isOf: isExploration, ms: 120_000 },
  { name: 'faults on the wire', isOf: isWall, ms: 120_000 },
  { name: 'the cache', isOf: isCache, ms: 240_000 },
  {
    name: 'everything else',
    isOf: (path: string) => ![isExploration, isWall, isCache].some((isOf) => isOf(path)),
    ms: 120_000,
  },
];

interface TimedModule {
  /** The file's path under the project's root. */
  readonly path: string;
  readonly ms: number;
}

/** The time of each test folder, the longest first, and the sums beside their budgets. */
export function folderTimes(modules: readonly TimedModule[]): string {
  const byFolder = new Map<string, number>();
  for (const { path, ms } of modules) {
    const folder = path.split('/').slice(0, -1).join('/');
    byFolder.set(folder, (byFolder.get(folder) ?? 0) + ms);
  }
  const line = (ms: number, what: string): string => `  ${(ms / 1_000).toFixed(1).padStart(6)} s  ${what}`;
  const sums = BUDGETS.map(({ name, isOf, ms: budget }) => {
    const ms = modules.filter(({ path }) => isOf(path)).reduce((sum, timed) => sum + timed.ms, 0);
    return line(ms, `${name}${ms > budget ? `, past its budget of ${budget / 1_000} s` : ''}`);
  });
  return [
    'Time by test folder:',
    ...[...byFolder].sort((a, b) => b[1] - a[1]).map(([folder, ms]) => line(ms, folder)),
    'In all:',
    ...sums,
  ].join('\n');
}

/** Prints how long the tests of each folder took; past the budget it says so and fails nothing. */
export class FolderTimes implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const timed = modules.map((module) => {
      const { duration, collectDuration } = module.diagnostic();
      return { path: module.relativeModuleId, ms: duration + collectDuration };
    });
    process.stdout.write(`\n${folderTimes(timed)}\n`);
  }
}
