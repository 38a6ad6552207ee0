import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRandom } from '../../../src/random.ts';
import { fadedEwma, type PeakEwma, peakEwma } from '../../../src/routing/peak-ewma.ts';
import type { TargetFigures } from '../../../src/routing/strategies/ordering.ts';
import { allKnown, expectAscending, expectShare, memories, order, orders, tally } from '../../support/ordering.ts';

describe('latency', () => {
  const score = ({ ewmaMs, waiting, running }: TargetFigures) => (ewmaMs ?? 1e-6) * (waiting + running + 1);

  it('takes the better of two, by average latency times the requests in line with the new one', () => {
    const calm = { ewmaMs: 100, waiting: 0, running: 0 };
    expect(order('latency', { slow: { ewmaMs: 101 }, calm }).order).toEqual(['calm', 'slow']);
    expect(order('latency', { busy: { ewmaMs: 40, waiting: 1, running: 1 }, calm }).order).toEqual(['calm', 'busy']);
    expect(order('latency', { busy: { ewmaMs: 49, waiting: 0, running: 1 }, calm }).order).toEqual(['busy', 'calm']);
    expect(order('latency', { equal: { ewmaMs: 50, waiting: 1, running: 0 }, calm }).order).toEqual(['equal', 'calm']);
    expect(order('latency', { calm, unmeasured: { running: 3 } }).order).toEqual(['unmeasured', 'calm']);
  });

  it('begins with the better of the two that are drawn and goes on by score', () => {
    fc.assert(
      fc.property(allKnown, memories, (declared, memory) => {
        const names = Object.keys(declared);
        const [first, ...rest] = order('latency', declared, memory).order;
        expectAscending(rest, declared, score);
        if (names.length < 3) {
          if (first !== undefined) expectAscending([first, ...rest], declared, score);
          return;
        }
        const one = nextRandom(memory.seed);
        const drawn = names.splice(Math.floor(one.value * names.length), 1);
        drawn.push(names[Math.floor(nextRandom(one.seed).value * names.length)]!);
        const declaredFirst = drawn.sort((a, b) => a.localeCompare(b));
        const better = declaredFirst.sort(
          (a, b) => score(declared[a] as TargetFigures) - score(declared[b] as TargetFigures),
        );
        expect(first).toBe(better[0]);
      }),
    );
  });

  it('always ends with the one that is worse than all others', () => {
    fc.assert(
      fc.property(allKnown, memories, (declared, memory) => {
        const others = Object.fromEntries(
          Object.entries(declared).map(([name, given]) => [name, { ...given, ewmaMs: 50 }]),
        );
        fc.pre(Object.keys(others).length > 0);
        const withWorst = { worst: { ewmaMs: 10_000, waiting: 0, running: 0 }, ...others };
        const { order: given } = order('latency', withWorst, memory);
        expect(given.at(-1)).toBe('worst');
      }),
    );
  });

  it('draws every pair alike, so that each is first as often as it is the better half of a pair', () => {
    const declared = { third: { ewmaMs: 30 }, first: { ewmaMs: 10 }, fourth: { ewmaMs: 40 }, second: { ewmaMs: 20 } };
    const firsts = tally(orders('latency', declared, 20_000).map(([first]) => first!));
    expectShare(firsts['first']!, 20_000, 3 / 6);
    expectShare(firsts['second']!, 20_000, 2 / 6);
    expectShare(firsts['third']!, 20_000, 1 / 6);
    expect(firsts['fourth']).toBeUndefined();
  });

  it('comes back to a target that was slow once, and only after a while', () => {
    const usualMs = { quick: 100, steady: 200 };
    const averages: Record<keyof typeof usualMs, PeakEwma> = {
      quick: peakEwma({ ewmaMs: 100, at: 0 }, 5_000, 0),
      steady: { ewmaMs: 200, at: 0 },
    };
    const choices: (keyof typeof usualMs)[] = [];
    for (let at = 0; at < 120_000; at += 100) {
      const seen = { quick: fadedEwma(averages.quick, at), steady: fadedEwma(averages.steady, at) };
      const declared = { quick: { ewmaMs: seen.quick }, steady: { ewmaMs: seen.steady } };
      const choice = order('latency', declared).order[0] as keyof typeof usualMs;
      choices.push(choice);
      averages[choice] = peakEwma(averages[choice], usualMs[choice], at);
    }
    // 5,000 ms fade to 200 ms in 10 s × ln 25 = 32.2 s.
    expect(Math.abs(choices.indexOf('quick') * 100 - 32_200)).toBeLessThan(500);
    // Then the steady one is looked at again only when its 200 ms have faded to 100 ms, every 6.9 s.
    expect(tally(choices.slice(-700))).toEqual({ quick: 690, steady: 10 });
  });
});
