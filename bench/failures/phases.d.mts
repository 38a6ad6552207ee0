import type { LLMRouter } from '../../src/router.ts';
import type { Provider } from './provider-process.mjs';

export declare const WAYS: readonly ('signal' | 'break' | 'throw')[];
export declare const PHASES: Readonly<Record<string, { readonly isCalled?: true }>>;

interface Run {
  readonly LLMRouter: typeof LLMRouter;
  readonly provider: Provider;
  /** Makes the prompts its own. */
  readonly tag: string;
}

/** What leaving in one phase did. Times in milliseconds from the abort. */
export interface Left {
  readonly isServedAfter: boolean;
  /** The caller got the abort's own reason. */
  readonly hasReason: boolean;
  readonly rejectedAfterMs: number | null;
  /** When the provider saw its connection closed; null: it had no call under way. */
  readonly closedAfterMs: number | null;
  /** Calls of that request that reached the provider after the abort. */
  readonly callsAfter: number;
  readonly held: { readonly running: number; readonly lingering: number; readonly queueDepth: number };
  /** Where it was right before the abort. */
  readonly phaseBefore: { readonly running: number; readonly backingOff: number; readonly waiting: number };
  /** By how much the counts of cancelled, of all, and of served or failed requests grew. */
  readonly cancelled: number;
  readonly total: number;
  readonly judged: number;
  /** By how much the breaker's failures grew. */
  readonly blamed: number;
}

/** What leaving a stream of fifty chunks after two did. */
export interface LeftStream {
  readonly hasReason: boolean;
  /** Chunks that the provider had written when it saw its connection closed. */
  readonly written: number;
  readonly closedAfterMs: number;
  readonly cancelled: number;
  readonly failures: number;
  readonly blamed: number;
}

export declare function leaveInPhase(run: Run & { readonly phase: string }): Promise<Left>;
export declare function leaveStream(run: Run & { readonly way: (typeof WAYS)[number] }): Promise<LeftStream>;
