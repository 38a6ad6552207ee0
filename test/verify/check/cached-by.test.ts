import { expect, it } from 'vitest';
import { cachedBy } from '../../../src/verify/check/cached-by.ts';

/** Asks for a value by each key in turn, and says which of them were made for it. */
function asking() {
  const of = cachedBy<object, { readonly key: string }>();
  const owner = {};
  return (...keys: readonly string[]): readonly string[] => {
    const made: string[] = [];
    for (const key of keys) {
      const value = of(owner, key, () => {
        made.push(key);
        return { key };
      });
      expect(value).toEqual({ key });
    }
    return made;
  };
}

const keys = Array.from({ length: 64 }, (_, index) => `k${index}`);

it('what was worked out is not worked out again', () => {
  const ask = asking();

  expect(ask(...keys)).toEqual(keys);
  expect(ask(...keys)).toEqual([]);
});

it('what was asked for longest ago makes room, so that memory has a bound', () => {
  const ask = asking();
  ask(...keys, 'k0');

  expect(ask('one more')).toEqual(['one more']);
  expect(ask('k0')).toEqual([]);
  expect(ask('k1')).toEqual(['k1']);
});
