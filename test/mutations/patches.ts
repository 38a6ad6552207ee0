import { readFileSync } from 'node:fs';

/** A small change of a source that makes it wrong. */
interface SourcePatch {
  readonly fault: string;
  /** From the root of the checkout. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** Brings a known fault back. */
export interface Patch extends SourcePatch {
  /** The pitfall whose regressions must fail on it. */
  readonly pitfall: string;
}

/** A fault in selection, retries or fallbacks that `testPolicy` must find with the example policies. */
export interface PolicyMutation extends SourcePatch {
  readonly mutation: string;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

export const PATCHES: readonly Patch[] = read('pitfalls.json');
export const POLICY_MUTATIONS: readonly PolicyMutation[] = read('policy-mutations.json');

/** @throws when there is no such patch */
export function patchOf(pitfall: string): Patch {
  const patch = PATCHES.find((entry) => entry.pitfall === pitfall);
  if (patch === undefined) throw new Error(`MUTANT: given pitfall:${pitfall}, which pitfalls.json does not have`);
  return patch;
}

/** @throws when what the patch replaces is not there, or more than once */
export function patched(source: string, patch: Patch | PolicyMutation): string {
  const { file, find, replace } = patch;
  const name = 'pitfall' in patch ? patch.pitfall : patch.mutation;
  const [before, after, ...more] = source.split(find);
  if (after === undefined) throw new Error(`${name}: ${file} does not have ${JSON.stringify(find)}`);
  if (more.length > 0) throw new Error(`${name}: ${file} has ${JSON.stringify(find)} ${more.length + 1} times`);
  return before + replace + after;
}
