import { readFileSync } from 'node:fs';

/** A small change of a source that brings a known fault back. */
export interface Patch {
  /** The pitfall whose regressions must fail on it. */
  readonly pitfall: string;
  readonly fault: string;
  /** From the root of the checkout. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const PATCHES: readonly Patch[] = JSON.parse(readFileSync(new URL('pitfalls.json', import.meta.url), 'utf8'));

/** @throws when there is no such patch */
export function patchOf(pitfall: string): Patch {
  const patch = PATCHES.find((entry) => entry.pitfall === pitfall);
  if (patch === undefined) throw new Error(`MUTANT: given pitfall:${pitfall}, which pitfalls.json does not have`);
  return patch;
}

/** @throws when what the patch replaces is not there, or more than once */
export function patched(source: string, { pitfall, file, find, replace }: Patch): string {
  const [before, after, ...more] = source.split(find);
  if (after === undefined) throw new Error(`${pitfall}: ${file} does not have ${JSON.stringify(find)}`);
  if (more.length > 0) throw new Error(`${pitfall}: ${file} has ${JSON.stringify(find)} ${more.length + 1} times`);
  return before + replace + after;
}
