import { expect, it } from 'vitest';
import { testPolicy } from '../../../src/verify/testing/test-policy.ts';
import { CALLS, EVERYTHING } from './policies.ts';

/** In one of two files, so that two workers share them; the environment may ask for more. */
const WALKS = Number(process.env['POLICY_WALKS'] ?? 2_000) / 2;

/** Half of the random walks over four models with everything on. */
export function walksWithEverythingOn(seed: number): void {
  it(`a router with everything on does what its policy says, on ${WALKS} random walks with seed ${seed}`, async () => {
    const figures = await testPolicy(EVERYTHING, {
      small: false,
      coverage: 'none',
      walks: WALKS,
      seed,
      alphabet: {
        ...CALLS,
        requests: [
          { priority: 'critical' },
          { priority: 'high' },
          { priority: 'normal' },
          { priority: 'low' },
          { priority: 'normal', metadata: { tenant: 'acme' } },
        ],
        outcomes: ['succeeded', 'failed', 'refused', 'ignored', 'rate_limited'],
        operator: ['pause', 'resume', 'drain', 'breaker.force_open', 'breaker.force_closed', 'breaker.reset'],
      },
    });

    expect(figures.steps).toBe(WALKS * 50);
  }, 600_000);
}
