import { Unmet } from './check.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { type Implementation, NotExpressible } from './interface.ts';

export interface RowOutcome {
  readonly verdict: 'pass' | 'fail' | 'n/a' | 'differs';
  /** Why not, or why otherwise. */
  readonly reason?: string;
  /** What was thrown, for a stack. */
  readonly error?: unknown;
}

const FATAL = ['uncaughtException', 'unhandledRejection'] as const;

/** Runs one row and says how it went; never throws. */
export async function outcomeOf(row: ConformanceCase, implementation: Implementation): Promise<RowOutcome> {
  const decided = implementation.name === 'llm-router' ? row.decided : undefined;
  const run = decided?.run ?? row.run;
  const missing = row.missing?.[implementation.name];
  if (missing !== undefined) return { verdict: 'n/a', reason: missing };
  if (run === undefined) return { verdict: 'fail', reason: 'nothing drives this row' };
  try {
    const fatal = await collectingFatal(() => run(implementation));
    if (fatal.length > 0) {
      const [first] = fatal;
      throw new Unmet(`it left an error that nothing handles: ${first instanceof Error ? first.message : first}`);
    }
    return decided === undefined ? { verdict: 'pass' } : { verdict: 'differs', reason: decided.why };
  } catch (error) {
    if (error instanceof NotExpressible) return { verdict: 'n/a', reason: error.message };
    return { verdict: 'fail', reason: error instanceof Error ? error.message : String(error), error };
  } finally {
    await implementation.release?.();
  }
}

/** What would have brought the process down meanwhile; it is the row's, not the test runner's. */
async function collectingFatal(run: () => Promise<void>): Promise<readonly unknown[]> {
  const fatal: unknown[] = [];
  const note = (error: unknown): void => void fatal.push(error);
  const former = FATAL.map((name) => [name, process.listeners(name as 'uncaughtException')] as const);
  for (const [name] of former) process.removeAllListeners(name).on(name, note);
  try {
    await run();
  } finally {
    // Rejections are told of at the end of a turn.
    await new Promise((resolve) => setImmediate(resolve));
    for (const [name, listeners] of former) {
      process.removeAllListeners(name);
      for (const listener of listeners) process.on(name, listener as never);
    }
  }
  return fatal;
}
