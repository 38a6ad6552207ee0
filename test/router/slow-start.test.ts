import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const settings = {
  maxConcurrency: 4,
  maxQueueDepth: 100,
  breaker: { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 1_000 },
};

async function recovered(breaker: object = {}, limits: object = {}): Promise<Rig<'m'>> {
  const rig = createRig({ m: { ...settings, ...limits, breaker: { ...settings.breaker, ...breaker } } });
  await rig.fail('m', 1);
  await rig.clock.advance(1_000);
  rig.ask();
  rig.backends.m.last.succeed();
  await settled();
  expect(rig.breaker('m')).toBe('closed');
  return rig;
}

const limitOf = ({ router }: Rig<'m'>): number => router.getModelStatus()['m']!.runningLimit;
const endOne = async ({ backends }: Rig<'m'>, index: number, error?: unknown): Promise<void> => {
  const call = backends.m.calls[index]!;
  if (error === undefined) call.succeed();
  else call.fail(error);
  await settled();
};

describe('a model that has recovered', () => {
  it('lets one call run, and one more with each success, up to all', async () => {
    const rig = await recovered();
    for (let count = 0; count < 12; count++) rig.ask();
    const running = (): number => rig.router.getModelStatus()['m']!.running;
    const seen = [running()];
    for (let call = 2; call < 8; call++) {
      await endOne(rig, call);
      seen.push(running());
    }
    expect(seen).toEqual([1, 2, 3, 4, 4, 4, 4]);
  });

  it('begins with as many as it probed with, never with more than it has slots', async () => {
    expect(limitOf(await recovered({ halfOpenMaxProbes: 3 }))).toBe(3);
    expect(limitOf(await recovered({ halfOpenMaxProbes: 9 }))).toBe(4);
  });

  it('keeps its limit through failures, refusals, cancellations, a pause and idleness', async () => {
    const rig = createRig({ m: { ...settings, breaker: { ...settings.breaker, failureThreshold: 3 } } });
    await rig.fail('m', 3);
    await rig.clock.advance(1_000);
    rig.ask();
    await endOne(rig, 3);
    expect(limitOf(rig)).toBe(1);
    rig.ask();
    await endOne(rig, 4, new BackendError('down', { status: 500 }));
    expect(limitOf(rig)).toBe(1);
    rig.ask();
    await endOne(rig, 5, new BackendError('no', { status: 400 }));
    rig.ask().abort();
    await rig.clock.advance(600_000);
    rig.router.pause('m').resume('m');
    expect(limitOf(rig)).toBe(1);
    rig.ask();
    await endOne(rig, 7);
    expect(limitOf(rig)).toBe(2);
    rig.ask();
    await endOne(rig, 8, new BackendError('down', { status: 500 }));
    expect(limitOf(rig)).toBe(2);
  });

  it('is at its full limit at once when an operator resets it, forces it closed or gives it new options', async () => {
    for (const act of [
      ({ router }: Rig<'m'>) => router.reset('m'),
      ({ router }: Rig<'m'>) => router.forceClosed('m'),
    ]) {
      const rig = await recovered();
      for (let count = 0; count < 6; count++) rig.ask();
      expect(limitOf(rig)).toBe(1);
      act(rig);
      expect(rig.router.getModelStatus()['m']).toMatchObject({ runningLimit: 4, running: 4, queueDepth: 6 });
    }
    const rig = createRig(
      { m: { maxConcurrency: 4 } },
      { breaker: { failureThreshold: 1, recoveryTimeoutMs: 1_000, successThreshold: 1, openJitter: 0 } },
    );
    await rig.fail('m', 1);
    await rig.clock.advance(1_000);
    rig.ask();
    await endOne(rig, 1);
    expect(limitOf(rig)).toBe(1);
    rig.router.enableCircuitBreaker({ failureThreshold: 9 });
    expect(limitOf(rig)).toBe(4);
  });
});

describe('a model whose rate limit is over', () => {
  const slowDown = new BackendError('slow down', { status: 429, retryAfterMs: 2_000 });

  it('starts slowly too; calls that run above the limit go on', async () => {
    const rig = createRig({ m: settings });
    for (let count = 0; count < 8; count++) rig.ask();
    await endOne(rig, 0, slowDown);
    expect(rig.router.getModelStatus()['m']).toMatchObject({ running: 3, runningLimit: 4, queueState: 'holding' });
    await rig.clock.advance(2_000);
    expect(rig.router.getModelStatus()['m']).toMatchObject({ running: 3, runningLimit: 1, queueDepth: 8 });
    const running: number[] = [];
    for (let call = 1; call < 6; call++) {
      await endOne(rig, call);
      running.push(rig.router.getModelStatus()['m']!.running);
    }
    expect(running).toEqual([2, 3, 4, 4, 3]);
  });

  it('begins with one call when its breaker is switched off', async () => {
    const rig = createRig({ m: { maxConcurrency: 4, breaker: false } });
    rig.ask();
    await endOne(rig, 0, slowDown);
    await rig.clock.advance(2_000);
    expect(limitOf(rig)).toBe(1);
  });

  it('does not start slowly when the limit ended while the breaker was open', async () => {
    const rig = createRig({ m: { ...settings, breaker: { ...settings.breaker, recoveryTimeoutMs: 10_000 } } });
    rig.ask({ timeoutMs: 1_000 });
    await endOne(rig, 0, slowDown);
    rig.router.forceOpen('m');
    await rig.clock.advance(2_000);
    expect(rig.router.getModelStatus()['m']).toMatchObject({ limitedUntil: null, runningLimit: 4 });
  });
});
