import { describe, expect, it } from 'vitest';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const OPEN_MS = 10_000;
const breaker = { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: OPEN_MS, probeTimeoutMs: 5_000 };

const before = {
  closed: async () => {},
  open: async (rig: Given) => {
    await rig.fail('m', 1);
  },
  'half-open with a probe in flight': async (rig: Given) => {
    await rig.fail('m', 1);
    await rig.clock.advance(OPEN_MS);
    rig.ask();
  },
};

const given = () => createRig({ m: { breaker } });
type Given = ReturnType<typeof given>;

describe('a breaker that an operator has forced', () => {
  it.each(
    Object.keys(before) as (keyof typeof before)[],
  )('P12 open while it was %s stays so beyond ten times its open time', async (state) => {
    const rig = given();
    await before[state](rig);
    rig.router.forceOpen('m');
    const changes = rig.heard('breaker.changed');
    await rig.clock.advance(10 * OPEN_MS);
    const refused = rig.ask();
    await settled();

    expect(rig.breaker('m')).toBe('forced_open');
    expect(changes).toEqual([]);
    expect(refused.error).toMatchObject({ code: 'no_model_available', candidates: [{ reason: 'circuit_open' }] });
    expect(refused.error).not.toHaveProperty('retryAfterMs');
  });

  it.each(
    Object.keys(before) as (keyof typeof before)[],
  )('P12 closed while it was %s stays so whatever fails', async (state) => {
    const rig = given();
    await before[state](rig);
    rig.router.forceClosed('m');
    const changes = rig.heard('breaker.changed');
    await rig.fail('m', 20);
    await rig.clock.advance(10 * OPEN_MS);

    expect(rig.breaker('m')).toBe('forced_closed');
    expect(changes).toEqual([]);
  });

  it('P12 the timer of an open time that was reset does not end the next one', async () => {
    const rig = given();
    await rig.fail('m', 1);
    await rig.clock.advance(OPEN_MS / 2);
    rig.router.reset('m');
    await rig.fail('m', 1);
    await rig.clock.advance(OPEN_MS - 1);
    expect(rig.breaker('m')).toBe('open');
    await rig.clock.advance(1);
    expect(rig.breaker('m')).toBe('half_open');
  });
});
