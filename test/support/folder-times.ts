import type { Reporter, TestModule } from 'vitest/node';

/** The core's tests may take so long, summed over workers. */
const BUDGET_MS = 120_000;

/** Prints how long the tests of each folder took. */
export class FolderTimes implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const byFolder = new Map<string, number>();
    let total = 0;
    for (const module of modules) {
      const { duration, collectDuration } = module.diagnostic();
      const folder = /\/test\/(?:(.+)\/)?[^/]+$/.exec(module.moduleId)?.[1] ?? '.';
      const ms = duration + collectDuration;
      byFolder.set(folder, (byFolder.get(folder) ?? 0) + ms);
      total += ms;
    }
    const lines = [...byFolder]
      .sort((a, b) => b[1] - a[1])
      .map(([folder, ms]) => `  ${(ms / 1_000).toFixed(1).padStart(6)} s  ${folder}`);
    const verdict = total > BUDGET_MS ? `, past the budget of ${BUDGET_MS / 1_000} s` : '';
    process.stdout.write(
      `\nTime by test folder:\n${lines.join('\n')}\n  ${(total / 1_000).toFixed(1).padStart(6)} s  in all${verdict}\n`,
    );
  }
}
