import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRESH, order, orders, REQUEST, tally } from '../../support/ordering.ts';

describe('round-robin', () => {
  it('begins with the next target at each request, and goes on to those behind it', () => {
    expect(orders('round-robin', { a: {}, b: {}, c: {} }, 4).map((names) => names.join(''))).toEqual([
      'abc',
      'bca',
      'cab',
      'abc',
    ]);
  });

  it('gives each target each place the same number of times', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 9 }), fc.nat(), (count, rounds, turn) => {
        const names = Array.from({ length: count }, (_, index) => `m${index}`);
        const declared = Object.fromEntries(names.map((name) => [name, {}]));
        const given = orders('round-robin', declared, count * rounds, { seed: 1, turns: { rule: turn } });
        const even = Object.fromEntries(names.map((name) => [name, rounds]));
        for (let place = 0; place < count; place++) expect(tally(given.map((list) => list[place]!))).toEqual(even);
      }),
    );
  });

  it('does not let the successor of a removed target serve for two', () => {
    const firsts = orders('round-robin', { a: {}, gone: null, b: {}, c: {} }, 9).map(([first]) => first!);
    expect(tally(firsts)).toEqual({ a: 3, b: 3, c: 3 });
  });

  it('counts each rule by itself, one at each request', () => {
    const { memory } = order('round-robin', { a: {}, b: {} }, { seed: 3, turns: { other: 5 } });
    expect(memory).toEqual({ seed: 3, turns: { other: 5, rule: 1 } });
    expect(order('round-robin', { a: {}, b: {} }, memory).memory.turns).toEqual({ other: 5, rule: 2 });
  });

  it.each(['constructor', 'toString', '__proto__'])('counts a rule that is called %s', (name) => {
    const first = order('round-robin', { a: {}, b: {} }, FRESH, REQUEST, name);
    expect(first.order).toEqual(['a', 'b']);
    expect(order('round-robin', { a: {}, b: {} }, first.memory, REQUEST, name).order).toEqual(['b', 'a']);
  });
});
