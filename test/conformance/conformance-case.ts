import type { Implementation, Name } from './interface.ts';

type Run = (implementation: Implementation) => Promise<void>;

/** One row: a behaviour that a respected implementation pins down in its own tests. */
export interface ConformanceCase {
  readonly id: string;
  readonly sentence: string;
  /** Drives the row; absent when nobody here can be asked. */
  readonly run?: Run;
  /** Who cannot be asked, and why. Who lacks it only in part says so itself, as `NotExpressible`. */
  readonly missing?: Readonly<Partial<Record<Name, string>>>;
  /** Where this project decided otherwise: why, and what it does instead. */
  readonly decided?: { readonly why: string; readonly run: Run };
}
