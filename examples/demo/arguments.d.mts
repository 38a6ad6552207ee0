export const USAGE: string;

export interface Arguments {
  readonly port: number;
  /** Whether the page is opened in a browser. */
  readonly open: boolean;
  readonly speed: number;
  readonly once: boolean;
  readonly help: boolean;
}

/** @throws {Error} that says what was given and what is accepted */
export function readArguments(args: readonly string[]): Arguments;
