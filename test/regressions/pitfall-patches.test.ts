import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PATCHES, patched, patchOf } from '../mutations/patches.ts';

const ROOT = new URL('../../', import.meta.url);
const HERE = new URL('./', import.meta.url);
const source = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8');

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `P${String(from + index).padStart(2, '0')}`);
/** P38 concerns adaptive limits, which there are none of. */
const PITFALLS = [...numbered(1, 37), ...numbered(39, 48)];

// Their names begin otherwise than with a pitfall's, so that a run of one pitfall does not find them.
describe('the pitfalls that others met', () => {
  it('have a patch each that brings the fault back', () => {
    expect(PATCHES.map(({ pitfall }) => pitfall)).toEqual(PITFALLS);
    for (const { fault } of PATCHES) expect(fault).not.toBe('');
  });

  it.each(PATCHES)('are brought back in $file where it says so, and nowhere else ($pitfall)', (patch) => {
    const before = source(patch.file);
    const after = patched(before, patch);
    expect(after).not.toBe(before);
    expect(after.length).toBe(before.length - patch.find.length + patch.replace.length);
  });

  it('have a regression each that is named after it', () => {
    const texts = readdirSync(HERE)
      .filter((name) => name.endsWith('.test.ts') && name !== 'process.test.ts')
      .map((name) => readFileSync(new URL(name, HERE), 'utf8'));
    const named = (pitfall: string): boolean => texts.some((text) => text.includes(`'${pitfall} `));
    expect(PITFALLS.filter((pitfall) => !named(pitfall))).toEqual([]);
  });

  it('are refused by name when a patch is unknown, absent or ambiguous', () => {
    const patch = { pitfall: 'P00', fault: 'none', file: 'a.ts', find: 'b', replace: 'c' };
    expect(() => patchOf('P00')).toThrow('P00');
    expect(() => patched('a', patch)).toThrow('P00: a.ts does not have "b"');
    expect(() => patched('b b', patch)).toThrow('P00: a.ts has "b" 2 times');
    expect(patched('a b', { ...patch, replace: '$&' })).toBe('a $&');
  });
});
