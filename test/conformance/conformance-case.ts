import type { Implementation, Name } from './interface.ts';

type Run = (implementation: Implementation) => Promise<void>;

/** One row: a behaviour that a respected implementation pins down in its own tests. */
export type ConformanceCase = RunnableCase | MissingCase;

interface Row {
  readonly id: string;
  readonly sentence: string;
}

export interface RunnableCase extends Row {
  readonly run: Run;
  /** Where this project decided otherwise: why, and what it does instead. */
  readonly decided?: { readonly why: string; readonly run: Run };
}

/** What none can be asked, each for its own reason. */
export interface MissingCase extends Row {
  readonly missing: Readonly<Record<Name, string>>;
}
