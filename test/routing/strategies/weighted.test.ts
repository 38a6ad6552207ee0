import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectShare, orders, tally } from '../../support/ordering.ts';

/** No statistic is left to the chance of a run. */
const SEEDED = { seed: 20_260_101, numRuns: 20 };

describe('weighted', () => {
  const DRAWS = 20_000;
  const weight = fc.double({ min: 0.2, max: 20, noNaN: true });

  it('makes each target the first choice as often as its share of the weights says', () => {
    fc.assert(
      fc.property(fc.array(weight, { minLength: 2, maxLength: 5 }), fc.nat(), (list, seed) => {
        const declared = Object.fromEntries(list.map((weight, index) => [`m${index}`, { weight }]));
        const firsts = tally(orders('weighted', declared, DRAWS, { seed, turns: {} }).map(([first]) => first!));
        const total = list.reduce((sum, weight) => sum + weight, 0);
        list.forEach((weight, index) => {
          expectShare(firsts[`m${index}`] ?? 0, DRAWS, weight / total);
        });
      }),
      SEEDED,
    );
  });

  it('makes each of the others the second choice as often as its share of the weights left says', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(weight, { minLength: 3, maxLength: 5 }), fc.nat(), (list, seed) => {
        const declared = Object.fromEntries(list.map((weight, index) => [`m${index}`, { weight }]));
        const given = orders('weighted', declared, DRAWS, { seed, turns: {} });
        const total = list.reduce((sum, weight) => sum + weight, 0);
        list.forEach((taken, first) => {
          const seconds = given.filter((names) => names[0] === `m${first}`).map((names) => names[1]!);
          const counts = tally(seconds);
          list.forEach((weight, second) => {
            const share = weight / (total - taken);
            // With fewer expected the binomial distribution is too lopsided for a bound in standard deviations.
            if (second === first || seconds.length * share < 25) return;
            expectShare(counts[`m${second}`] ?? 0, seconds.length, share);
            compared++;
          });
        });
      }),
      SEEDED,
    );
    expect(compared).toBeGreaterThan(100);
  });

  it('makes each order of three as likely as drawing without replacement does', () => {
    const declared = { a: { weight: 1 }, b: { weight: 2 }, c: { weight: 3 } };
    const counts = tally(orders('weighted', declared, DRAWS).map((names) => names.join('')));
    const expected = { abc: 2 / 30, acb: 3 / 30, bac: 1 / 12, bca: 3 / 12, cab: 1 / 6, cba: 2 / 6 };
    for (const [names, share] of Object.entries(expected)) expectShare(counts[names] ?? 0, DRAWS, share);
  });

  it('looks at the ratio of the weights only', () => {
    const small = orders('weighted', { a: { weight: 0.25 }, b: { weight: 0.5 }, c: { weight: 1 } }, 200);
    expect(orders('weighted', { a: { weight: 256 }, b: { weight: 512 }, c: { weight: 1024 } }, 200)).toEqual(small);
  });
});
