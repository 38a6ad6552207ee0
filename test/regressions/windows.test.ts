import { describe, expect, it } from 'vitest';
import { createRig } from '../support/rig.ts';

const WINDOW_MS = 60_000;
const breaker = { policy: 'time', windowMs: WINDOW_MS, minimumCalls: 20, failureRate: 0.5 } as const;

describe('a time window', () => {
  it('P16 counts nothing any more when it was idle for longer than itself', async () => {
    const rig = createRig({ m: { breaker } });
    const failureCount = (): number => rig.router.getModelStatus()['m']!.circuitBreaker.failureCount;
    await rig.fail('m', 19);
    expect(failureCount()).toBe(19);
    await rig.clock.advance(3_600_000);
    expect(failureCount()).toBe(0);

    await rig.fail('m', 1);
    expect(rig.breaker('m')).toBe('closed');
    expect(failureCount()).toBe(1);
  });

  it('P16 forgets what is older than itself, slice by slice, also when it was idle for a part of it', async () => {
    const rig = createRig({ m: { breaker } });
    for (let slice = 0; slice < 10; slice++) {
      await rig.fail('m', 1);
      await rig.clock.advance(WINDOW_MS / 10);
    }
    const failureCount = (): number => rig.router.getModelStatus()['m']!.circuitBreaker.failureCount;
    expect(failureCount()).toBe(9);
    await rig.clock.advance(WINDOW_MS / 2);
    expect(failureCount()).toBe(4);
    await rig.fail('m', 15);
    expect(rig.breaker('m')).toBe('closed');
    await rig.fail('m', 1);
    expect(rig.breaker('m')).toBe('open');
  });

  it('P16 trips on what lies within it', async () => {
    const rig = createRig({ m: { breaker } });
    await rig.fail('m', 10);
    await rig.clock.advance(WINDOW_MS / 2);
    await rig.fail('m', 9);
    expect(rig.breaker('m')).toBe('closed');
    await rig.fail('m', 1);
    expect(rig.breaker('m')).toBe('open');
  });
});
