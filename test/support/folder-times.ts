import type { Reporter, TestModule } from 'vitest/node';

/** What the core's tests may take, summed over workers. */
const BUDGET_MS = 120_000;

interface TimedModule {
  /** The file's path under the project's root. */
  readonly path: string;
  readonly ms: number;
}

/** The time of each test folder, the longest first, and their sum. */
export function folderTimes(modules: readonly TimedModule[]): string {
  const byFolder = new Map<string, number>();
  for (const { path, ms } of modules) {
    const folder = path.split('/').slice(0, -1).join('/');
    byFolder.set(folder, (byFolder.get(folder) ?? 0) + ms);
  }
  const line = (ms: number, what: string): string => `  ${(ms / 1_000).toFixed(1).padStart(6)} s  ${what}`;
  const total = modules.reduce((sum, { ms }) => sum + ms, 0);
  const verdict = total > BUDGET_MS ? `, past the core's budget of ${BUDGET_MS / 1_000} s` : '';
  return [
    'Time by test folder:',
    ...[...byFolder].sort((a, b) => b[1] - a[1]).map(([folder, ms]) => line(ms, folder)),
    line(total, `in all${verdict}`),
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
