import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Aliases } from '../../src/cache/aliases.ts';

const KEYS = ['a', 'b', 'c'];
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ alias: fc.nat(6), key: fc.constantFrom(...KEYS) }) },
  { weight: 1, arbitrary: fc.record({ alias: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ key: fc.constantFrom(...KEYS) }) },
);

it('lead where they were led last, never more than so many to one row', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const aliases = new Aliases(2);
      let model: [string, string][] = [];
      for (const { alias, key } of steps as { alias?: number; key?: string }[]) {
        const name = String(alias);
        if (alias === undefined) {
          aliases.deleteAll(key!);
          model = model.filter(([, other]) => other !== key);
        } else {
          model = model.filter(([other]) => other !== name);
          if (key === undefined) aliases.delete(name);
          else {
            const [oldest = null, ...others] = model.filter(([, other]) => other === key);
            const displaced = others.length === 1 ? oldest : null;
            expect(aliases.add(name, key)).toBe(displaced?.[0] ?? null);
            model = [...model.filter((one) => one !== displaced), [name, key]];
          }
        }
        expect(aliases.size).toBe(model.length);
        for (let at = 0; at <= 6; at++) {
          expect(aliases.keyOf(String(at))).toBe(model.find(([other]) => other === String(at))?.[1]);
        }
      }
    }),
  );
});

it('make room one by one where only one may lead to a row', () => {
  const aliases = new Aliases(1);
  expect(aliases.add('x', 'a')).toBeNull();
  expect(aliases.add('y', 'a')).toBe('x');
  expect(aliases.add('y', 'a')).toBeNull();
  expect(aliases.keyOf('x')).toBeUndefined();
  expect(aliases.keyOf('y')).toBe('a');
  expect(aliases.size).toBe(1);
});
