import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { POLICY_MUTATIONS, patched } from '../../mutations/patches.ts';

const source = (file: string): string => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

describe('the faults that testPolicy must find', () => {
  it('are at least twelve, each with a name of its own and told in words', () => {
    expect(POLICY_MUTATIONS.length).toBeGreaterThanOrEqual(12);
    expect(new Set(POLICY_MUTATIONS.map(({ mutation }) => mutation)).size).toBe(POLICY_MUTATIONS.length);
    for (const { fault } of POLICY_MUTATIONS) expect(fault).not.toBe('');
  });

  it.each(POLICY_MUTATIONS)('can be made in $file where it says so, and nowhere else ($mutation)', (mutation) => {
    // Never in the kit: what it is compared with would be wrong as well.
    expect(mutation.file).toMatch(/^(machines\/|src\/(retry|routing)\/)/);
    const before = source(mutation.file);
    expect(patched(before, mutation)).not.toBe(before);
  });

  it('are refused by name when they cannot be made', () => {
    const mutation = { mutation: 'none', fault: 'none', file: 'a.ts', find: 'b', replace: 'c' };
    expect(() => patched('a', mutation)).toThrow('none: a.ts does not have "b"');
    expect(() => patched('b b', mutation)).toThrow('none: a.ts has "b" 2 times');
  });
});
