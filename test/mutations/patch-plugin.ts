import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vitest/config';
import { type Patch, type PolicyMutation, patched } from './patches.ts';

/** Applies a patch in memory: the working tree stays as it is. */
export function patchPlugin(patch: Patch | PolicyMutation): Plugin {
  const target = fileURLToPath(new URL(`../../${patch.file}`, import.meta.url));
  return {
    name: 'patch',
    enforce: 'pre',
    transform: (source, id) => (id.split('?')[0] === target ? patched(source, patch) : null),
  };
}
