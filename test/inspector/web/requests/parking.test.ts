import { describe, expect, it } from 'vitest';
import { callsOf } from '../../../../src/inspector/web/requests/calls.ts';
import { type Parking, parkingOf } from '../../../../src/inspector/web/requests/parking.ts';
import type { Trace, TraceAttempt } from '../../../../src/routing/trace.ts';

const attempt = (startedAt: number, ms: number): TraceAttempt => ({ startedAt, ms, outcome: 'failure' });

/** Of a request that took 1,000 ms. */
function parked(attempts: readonly TraceAttempt[], part: Partial<Trace> = {}, code = 'provider_failed'): Parking {
  const trace: Trace = {
    requestId: 'r',
    rule: null,
    class: 'normal',
    totalMs: 1_000,
    parked: { count: 1, ms: 400 },
    candidates: attempts.map((call, index) => ({
      model: `m${index}`,
      verdict: 'failed',
      waitedMs: 0,
      attempts: [call],
    })),
    ...part,
  };
  const calls = attempts.map((call, index) => ({ ...call, model: `m${index}`, waitedMs: 0 }));
  return parkingOf(trace, callsOf({ trace, calls, acceptedAt: 0 }), code)!;
}

describe('when a request was parked', () => {
  it('is known when there is one pause that is just as long', () => {
    expect(parked([attempt(0, 100), attempt(500, 500)])).toMatchObject({ from: 100, to: 500, before: 1 });
  });

  it('is known by its place alone when the pause is longer', () => {
    expect(parked([attempt(0, 100), attempt(700, 300)])).toMatchObject({ from: null, to: null, before: 1 });
  });

  it('is not known when it fits into two pauses', () => {
    expect(parked([attempt(400, 100), attempt(900, 100)])).toMatchObject({ from: null, to: null, before: 2 });
  });

  it('is not known when it was parked more than once', () => {
    const often = { parked: { count: 2, ms: 400 } };
    expect(parked([attempt(0, 100), attempt(500, 500)], often)).toMatchObject({
      count: 2,
      from: null,
      to: null,
      before: 2,
    });
  });

  it('is the end of a request that was over meanwhile', () => {
    expect(parked([attempt(0, 500)], {}, 'deadline_exceeded')).toMatchObject({ from: null, to: 1_000, isLast: true });
    expect(parked([attempt(0, 600)], {}, 'deadline_exceeded')).toMatchObject({ from: 600, to: 1_000, isLast: true });
    expect(parked([attempt(0, 600)])).toMatchObject({ isLast: false });
  });
});
