import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fateOf, foretold, newRig, step, take } from '../router/fate.ts';

describe('explain()', () => {
  it('foretells the fate of the very next request in every state, and moves nothing', async () => {
    const outcomes: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50, size: 'max' }), async (steps) => {
        const rig = newRig();
        // Goes through the same without a single question.
        const twin = newRig();
        for (const given of steps) {
          if (given.kind !== 'ask') {
            await take(rig, given);
            await take(twin, given);
            continue;
          }
          const { whenUnavailable, ...rest } = given.options;
          const options = whenUnavailable === undefined ? rest : { ...rest, whenUnavailable };
          const explanation = rig.router.explain('hi', options);
          expect(rig.router.explain('hi', options)).toEqual(explanation);
          const fate = await fateOf(rig, options);
          expect(fate).toEqual(foretold(explanation));
          expect(await fateOf(twin, options)).toEqual(fate);
          const key = explanation.code ?? explanation.outcome;
          outcomes[key] = (outcomes[key] ?? 0) + 1;
        }
        expect(rig.router.getModelStatus()).toEqual(twin.router.getModelStatus());
        expect(rig.router.getStats()).toEqual(twin.router.getStats());
      }),
      { numRuns: 100, seed: 7 },
    );
    // Every kind of fate has been met.
    const kinds = ['admit', 'queue', 'displace', 'wait_for_limit', 'park'];
    const codes = ['no_model_available', 'queue_full', 'rate_limited', 'deadline_unreachable'];
    expect(Object.keys(outcomes).sort()).toEqual([...kinds, ...codes].sort());
  });
});
