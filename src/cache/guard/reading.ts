import type { Role } from './roles.ts';
import type { Token } from './tokens.ts';

/** What stands in quotation marks, or as code in backticks. */
export interface Quotation {
  readonly text: string;
  readonly isCode: boolean;
}

/** All that the rules look at in one text. */
export interface Reading {
  /** White space as single blanks. */
  readonly text: string;
  readonly lower: string;
  readonly tokens: readonly Token[];
  /** How often each key stands in it. */
  readonly counts: ReadonlyMap<string, number>;
  readonly roles: readonly Role[];
  /** The places of the tokens that say no. */
  readonly negators: ReadonlySet<number>;
  readonly names: ReadonlySet<string>;
  readonly times: ReadonlySet<string>;
  readonly units: ReadonlySet<string>;
  readonly quotations: readonly Quotation[];
  /** Marks of programming, sorted. */
  readonly marks: readonly string[];
  readonly isEnglish: boolean;
}
