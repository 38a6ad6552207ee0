import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderTargets, STRATEGIES } from '../../src/routing/strategy.ts';
import {
  allKnown,
  drawsBetween,
  FRESH,
  IDLE,
  memories,
  order,
  REQUEST,
  requests,
  someRemoved,
} from '../support/ordering.ts';

describe.each(STRATEGIES)('the strategy %s', (strategy) => {
  it('neither loses nor doubles a target', () => {
    fc.assert(
      fc.property(someRemoved, memories, requests, (declared, memory, request) => {
        expect(order(strategy, declared, memory, request).order.toSorted()).toEqual(Object.keys(declared).sort());
      }),
    );
  });

  it('gives the same for the same figures, request and memory', () => {
    fc.assert(
      fc.property(someRemoved, memories, requests, (declared, memory, request) => {
        const before = structuredClone(memory);
        const first = order(strategy, declared, memory, request);
        expect(order(strategy, declared, memory, request)).toEqual(first);
        expect(memory).toEqual(before);
      }),
    );
  });

  it('has an answer for no target and for a single one', () => {
    expect(order(strategy, {}).order).toEqual([]);
    expect(order(strategy, { a: {} }).order).toEqual(['a']);
    expect(order(strategy, { a: null }).order).toEqual(['a']);
  });

  it('moves in its memory what is its own and nothing else', () => {
    fc.assert(
      fc.property(allKnown, memories, requests, (declared, memory, request) => {
        const { memory: after } = order(strategy, declared, memory, request);
        const count = Object.keys(declared).length;
        const draws = strategy === 'weighted' ? Math.max(0, count - 1) : strategy === 'latency' && count > 2 ? 2 : 0;
        expect(drawsBetween(memory.seed, after.seed)).toBe(draws);
        if (strategy !== 'round-robin') expect(after.turns).toBe(memory.turns);
        if (strategy === 'ordered' || strategy === 'least-busy' || strategy === 'cost') expect(after).toBe(memory);
      }),
    );
  });
});

it.each(
  STRATEGIES.filter((strategy) => strategy !== 'ordered'),
)('%s puts removed targets last, as they are declared, and orders the others alike', (strategy) => {
  fc.assert(
    fc.property(someRemoved, memories, requests, (declared, memory, request) => {
      const { order: given, memory: after } = order(strategy, declared, memory, request);
      const known = Object.fromEntries(Object.entries(declared).filter(([, target]) => target !== null));
      const removed = Object.keys(declared).filter((model) => declared[model] === null);
      const without = order(strategy, known, memory, request);
      expect(given).toEqual([...without.order, ...removed]);
      expect(after).toEqual(without.memory);
    }),
  );
});

describe('ordered', () => {
  it('is the declaration itself, removed targets in their place', () => {
    const targets = ['b', 'gone', 'a'];
    const figuresOf = (model: string) => (model === 'gone' ? undefined : { ...IDLE, running: model === 'b' ? 9 : 0 });
    expect(orderTargets('ordered', 'rule', targets, figuresOf, REQUEST, FRESH).order).toBe(targets);
  });
});
