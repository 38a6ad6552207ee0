import { describe, expect, it } from 'vitest';
import { duration } from '../../../../src/inspector/web/format.ts';
import { sequenceOf } from '../../../../src/inspector/web/requests/sequence.ts';
import { settled } from '../../../support/virtual-clock.ts';
import { createDetailedRig } from './detailed-rig.ts';

describe('the sequence of a request that waits more than once, or outside every queue', () => {
  it('draws every wait of a request that is called twice, in the queue and in back-off', async () => {
    const { ask, backends, clock, detail, lines } = createDetailedRig(
      { a: { maxConcurrency: 1 } },
      { retries: { maxRetries: 1 } },
    );
    ask();
    ask();
    await clock.advance(100);
    backends.a.calls[0]!.succeed();
    await clock.advance(10);
    backends.a.last.fail();
    await settled();
    // Another takes the slot while it backs off, and holds it.
    ask();
    await clock.advance(5_000);
    backends.a.last.succeed();
    await clock.advance(90);
    backends.a.last.succeed();
    await settled();
    const told = lines();
    const backOffMs = Number(/^(\d+(?:\.\d+)?) /.exec(told[5]!)![1]) - 110;
    expect(told.slice(1)).toEqual([
      '0 router→a waits in its queue',
      '100 a called after 100 ms in the queue',
      '110 a→router failed',
      `110 a backs off for ${duration(backOffMs)}`,
      `${110 + backOffMs} router→a waits in its queue again`,
      `5110 a called for the 2nd time after ${duration(5_000 - backOffMs)} in the queue`,
      '5200 a→router answered',
      '5200 router→caller answered after 5.2 s',
    ]);
    expect(sequenceOf(detail()).spans.filter(({ kind }) => kind === 'waiting')).toEqual([
      { column: 2, kind: 'waiting', from: 1, to: 2 },
      { column: 2, kind: 'waiting', from: 4, to: 5 },
      { column: 2, kind: 'waiting', from: 5, to: 6 },
    ]);
  });

  it('tells how long it backed off at a candidate that it then left', async () => {
    const { ask, backends, clock, router, lines, detail } = createDetailedRig(
      { a: {}, b: {} },
      { retries: { maxRetries: 1 } },
    );
    ask();
    await clock.advance(10);
    backends.a.last.fail();
    await clock.advance(20);
    router.forceOpen('a');
    await clock.advance(30);
    backends.b.last.succeed();
    await settled();
    expect(lines().slice(2)).toEqual([
      '10 a→router failed',
      '30 a→router left after 20 ms: its circuit was open',
      '30 router→b called as the next candidate',
      '60 b→router answered',
      '60 router→caller answered after 60 ms',
    ]);
    expect(sequenceOf(detail()).spans).toContainEqual({ column: 2, kind: 'waiting', from: 2, to: 3 });
  });

  it('does not say which it was where it may have backed off or been parked', async () => {
    const { ask, backends, clock, detail } = createDetailedRig({ a: {} }, { retries: { maxRetries: 1 } });
    ask();
    await clock.advance(10);
    backends.a.last.fail();
    await clock.advance(5_000);
    backends.a.last.succeed();
    await settled();
    const told = detail();
    const { text } = sequenceOf(told).steps.find(({ tone }) => tone === 'waiting')!;
    expect(text).toMatch(/^backs off for \d+ ms$/);
    const texts = (count: number, ms: number): string[] =>
      sequenceOf({ ...told, trace: { ...told.trace, parked: { count, ms } } }).steps.map((step) => step.text);
    expect(texts(1, 3_000)).toContain(text);
    expect(texts(2, 300).some((step) => /^waits for \d+ ms, backing off or parked$/.test(step))).toBe(true);
  });

  it('tells when it was parked and woken', async () => {
    const { ask, fail, backends, clock, detail, lines } = createDetailedRig({
      a: { breaker: { failureThreshold: 1, recoveryTimeoutMs: 5_000 } },
    });
    await fail('a', 1);
    ask({ whenUnavailable: 'wait' });
    await clock.advance(5_000);
    await clock.advance(80);
    backends.a.last.succeed();
    await settled();
    expect(lines()).toEqual([
      '0 caller→router accepted with priority normal',
      '0 router parked until a candidate comes back',
      '5000 router woken after 5.0 s',
      '5000 router→a called',
      '5080 a→router answered',
      '5080 router→caller answered after 5.1 s',
    ]);
    expect(sequenceOf(detail()).spans[0]).toEqual({ column: 1, kind: 'parked', from: 1, to: 2 });
  });

  it('ends parked when its time runs out, behind what the candidates said', async () => {
    const { ask, fail, clock, detail, lines } = createDetailedRig({
      a: { breaker: { failureThreshold: 1, recoveryTimeoutMs: 5_000 } },
    });
    await fail('a', 1);
    ask({ whenUnavailable: 'wait' });
    await clock.advance(100);
    ask({ whenUnavailable: 'wait', timeoutMs: 6_000 });
    await clock.advance(6_000);
    expect(detail().trace.candidates).toMatchObject([{ model: 'a', verdict: 'skipped', reason: 'circuit_open' }]);
    expect(lines()).toEqual([
      '0 caller→router accepted with priority normal',
      '? a skipped: its circuit was open, to be asked again after 4.9 s',
      '0 router parked until a candidate comes back',
      '6000 router still parked after 6.0 s',
      '6000 router→caller failed: deadline exceeded',
    ]);
  });
});
