import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.ts';
import type { ScriptedCall } from '../support/scripted-backend.ts';
import { settled } from '../support/virtual-clock.ts';

const RECOVERY_MS = 10_000;
const breaker = { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: RECOVERY_MS };

/** Calls that were permitted while closed, and the breaker that has opened since. */
async function openedOver(pending: number): Promise<{ rig: Rig<'m'>; late: readonly ScriptedCall[] }> {
  const rig = createRig({ m: { breaker } });
  for (let call = 0; call < pending; call++) rig.ask();
  const late = [...rig.backends.m.calls];
  await rig.fail('m', 1);
  expect(rig.breaker('m')).toBe('open');
  return { rig, late };
}

describe('a result of an earlier generation', () => {
  it('P07 neither closes nor opens a half-open breaker, and settles its own request', async () => {
    const { rig, late } = await openedOver(2);
    await rig.clock.advance(RECOVERY_MS);
    const changes = rig.heard('breaker.changed');
    const settlements = rig.heard('request.settled');
    late[0]!.succeed();
    late[1]!.fail();
    await settled();

    expect(rig.breaker('m')).toBe('half_open');
    expect(changes).toEqual([]);
    expect(settlements.map(({ success }) => success)).toEqual([true, false]);
  });

  it('P07 does not use up a probe: the permit is still there', async () => {
    const { rig, late } = await openedOver(1);
    await rig.clock.advance(RECOVERY_MS);
    late[0]!.fail();
    await settled();
    rig.ask();
    rig.backends.m.last.succeed();
    await settled();

    expect(rig.breaker('m')).toBe('closed');
  });

  it('P07 does not count against a breaker that has closed again', async () => {
    const { rig, late } = await openedOver(1);
    await rig.clock.advance(RECOVERY_MS);
    rig.ask();
    rig.backends.m.last.succeed();
    await settled();
    late[0]!.fail();
    await settled();

    expect(rig.breaker('m')).toBe('closed');
    expect(rig.router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(0);
    expect(rig.router.getModelStatus()['m']!.failures).toBe(2);
  });

  it('P07 a probe of the last half-open decides nothing in the next one', async () => {
    const rig = createRig({ m: { breaker: { ...breaker, halfOpenMaxProbes: 2 } } });
    await rig.fail('m', 1);
    await rig.clock.advance(RECOVERY_MS);
    rig.ask();
    const first = rig.backends.m.last;
    rig.ask();
    rig.backends.m.last.fail();
    await rig.clock.advance(2 * RECOVERY_MS);
    expect(rig.breaker('m')).toBe('half_open');
    first.succeed();
    await settled();

    expect(rig.breaker('m')).toBe('half_open');
  });

  it('P08 is announced with its generation and the present one', async () => {
    const { rig, late } = await openedOver(2);
    const stale = rig.heard('result.stale');
    late[0]!.succeed();
    await settled();
    await rig.clock.advance(RECOVERY_MS);
    late[1]!.fail();
    await settled();

    expect(stale).toMatchObject([
      { model: 'm', requestId: 'req-1', outcome: 'success', generation: 1, currentGeneration: 2 },
      { model: 'm', requestId: 'req-2', outcome: 'failure', generation: 1, currentGeneration: 3 },
    ]);
  });

  it('P09 late failures neither open it twice nor keep it open longer', async () => {
    const { rig, late } = await openedOver(20);
    const changes = rig.heard('breaker.changed');
    const { openUntil } = rig.router.getModelStatus()['m']!.circuitBreaker;
    await rig.clock.advance(RECOVERY_MS / 2);
    for (const call of late) call.fail();
    await settled();

    expect(changes).toEqual([]);
    expect(rig.router.getModelStatus()['m']!.circuitBreaker.openUntil).toBe(openUntil);
    await rig.clock.advance(RECOVERY_MS / 2);
    expect(changes.map(({ to }) => to)).toEqual(['half_open']);
  });

  it('P10 a burst of failures at one instant makes one opening, one timer and one recovery', async () => {
    const rig = createRig({ m: { maxConcurrency: 32, breaker: { ...breaker, failureThreshold: 5 } } });
    const changes = rig.heard('breaker.changed');
    for (let call = 0; call < 32; call++) rig.ask();
    const timers = rig.clock.pending;
    for (const call of rig.backends.m.calls) call.fail();
    await settled();
    expect(changes.map(({ to }) => to)).toEqual(['open']);
    expect(rig.clock.pending).toBe(timers + 1);

    await rig.clock.advance(RECOVERY_MS - 1);
    expect(changes).toHaveLength(1);
    await rig.clock.advance(1);
    expect(changes.map(({ to }) => to)).toEqual(['open', 'half_open']);
    await rig.clock.advance(10 * RECOVERY_MS);
    expect(changes).toHaveLength(2);
  });
});
