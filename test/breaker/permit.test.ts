import { describe, expect, it } from 'vitest';
import { isCurrent, type Permit } from '../../src/breaker/permit.ts';

describe('a permit', () => {
  it.each<[string, Permit, boolean]>([
    ['counts in the generation that gave it', { generation: 7, probe: false }, true],
    ['counts as a probe too', { generation: 7, probe: true }, true],
    ['does not count in a later generation', { generation: 6, probe: false }, false],
    ['does not count in an earlier one', { generation: 8, probe: true }, false],
    ['does not count twice', { generation: 7, probe: true, spent: true }, false],
    ['does not count twice in another generation either', { generation: 6, probe: true, spent: true }, false],
  ])('%s', (_, permit, expected) => {
    expect(isCurrent(permit, 7)).toBe(expected);
  });
});
