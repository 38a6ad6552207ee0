import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { RequestSettled, SettlementVerdict } from '../../machines/settlement.ts';
import type { Answer } from '../../src/answer.ts';
import { DeadlineError, ProviderFailedError } from '../../src/errors.ts';
import { EventBus, settledEventOf } from '../../src/telemetry/events.ts';
import { collectFatal } from '../support/fatal.ts';
import { slipWith } from '../support/slips.ts';
import { settled } from '../support/virtual-clock.ts';

const fatal = collectFatal();

const dropped = (requestId: string) => ({ type: 'event.dropped', event: 'call.failed', requestId }) as const;

function setUp() {
  const counts: string[] = [];
  const bus: EventBus = new EventBus((name, count) => counts.push(`${name} ${count}`));
  const failures: { event: string; error: unknown }[] = [];
  bus.on('listener.failed', ({ event, error }) => failures.push({ event, error }));
  counts.length = 0;
  return { bus, counts, failures };
}

describe('the events of a router', () => {
  it('reach each listener of their name, in the order in which they were added', () => {
    const { bus } = setUp();
    const heard: string[] = [];
    bus.on('event.dropped', ({ requestId }) => heard.push(`first ${requestId}`));
    bus.on('event.dropped', ({ requestId }) => heard.push(`second ${requestId}`));
    bus.on('queue.changed', () => heard.push('another'));
    bus.emit('event.dropped', dropped('r1'));
    expect(heard).toEqual(['first r1', 'second r1']);
  });

  it('reach a listener once that was added twice', () => {
    const { bus, counts } = setUp();
    const heard: string[] = [];
    const listener = ({ requestId }: { requestId: string }): void => void heard.push(requestId);
    bus.on('event.dropped', listener);
    bus.on('event.dropped', listener);
    bus.once('event.dropped', listener);
    bus.emit('event.dropped', dropped('r1'));
    bus.emit('event.dropped', dropped('r2'));
    expect(heard).toEqual(['r1', 'r2']);
    expect(counts).toEqual(['event.dropped 1']);
    bus.off('event.dropped', listener);
    bus.emit('event.dropped', dropped('r3'));
    expect(heard).toEqual(['r1', 'r2']);
  });

  it('know the same function apart on two events', () => {
    const { bus } = setUp();
    const heard: string[] = [];
    const listener = ({ type }: { type: string }): void => void heard.push(type);
    bus.on('event.dropped', listener);
    bus.on('listener.failed', listener);
    bus.off('event.dropped', listener);
    bus.emit('event.dropped', dropped('r1'));
    bus.emit('listener.failed', { type: 'listener.failed', event: 'x', error: null });
    expect(heard).toEqual(['listener.failed']);
  });

  it('reach a listener of once one time, also when it causes the next event itself', () => {
    const { bus } = setUp();
    const heard: string[] = [];
    bus.once('event.dropped', ({ requestId }) => {
      heard.push(requestId);
      bus.emit('event.dropped', dropped('r2'));
    });
    bus.emit('event.dropped', dropped('r1'));
    expect(heard).toEqual(['r1']);
  });

  it('reach a listener of once again that is added again', () => {
    const { bus } = setUp();
    let heard = 0;
    const listener = (): void => void heard++;
    for (let round = 1; round <= 2; round++) {
      bus.once('event.dropped', listener);
      bus.emit('event.dropped', dropped('r1'));
    }
    expect(heard).toBe(2);
  });

  it('are counted after each change of their listeners, and only then', () => {
    const { bus, counts } = setUp();
    const listener = (): void => {};
    bus.on('queue.changed', listener);
    bus.once('queue.changed', () => {});
    bus.off('queue.changed', () => {});
    bus.off('queue.changed', listener);
    bus.off('queue.changed', listener);
    expect(counts).toEqual(['queue.changed 1', 'queue.changed 2', 'queue.changed 1']);
    expect(bus.count('queue.changed')).toBe(1);
    bus.emit('queue.changed', {
      type: 'queue.changed',
      model: 'm',
      state: 'x',
      waiting: 0,
      backingOff: 0,
      running: 0,
      lingering: 0,
    });
    expect(bus.count('queue.changed')).toBe(0);
    expect(counts.at(-1)).toBe('queue.changed 0');
  });
});

describe('a listener that fails', () => {
  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('bad');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('bad'))],
    ['rejects with a promise of another realm', runInNewContext('() => Promise.reject(new Error("bad"))')],
  ])('and %s keeps nobody else from hearing, and is named', async (_, listener) => {
    const { bus, failures } = setUp();
    const heard: string[] = [];
    bus.on('event.dropped', listener as () => void);
    bus.on('event.dropped', ({ requestId }) => heard.push(requestId));
    bus.emit('event.dropped', dropped('r1'));
    await settled();
    await settled();
    expect(heard).toEqual(['r1']);
    expect(fatal).toEqual([]);
    expect(failures).toMatchObject([{ event: 'event.dropped', error: { message: 'bad' } }]);
  });

  it('is gone after its one time of once', () => {
    const { bus, failures } = setUp();
    bus.once('event.dropped', () => {
      throw new Error('bad');
    });
    bus.emit('event.dropped', dropped('r1'));
    bus.emit('event.dropped', dropped('r2'));
    expect(failures).toHaveLength(1);
  });

  it('tells nobody when it listens for failures itself', async () => {
    const { bus } = setUp();
    let calls = 0;
    bus.on('listener.failed', async () => {
      calls++;
      throw new Error('worse');
    });
    bus.on('event.dropped', () => {
      throw new Error('bad');
    });
    bus.emit('event.dropped', dropped('r1'));
    await settled();
    expect(calls).toBe(1);
    expect(fatal).toEqual([]);
  });

  it('harms nobody when no one hears of failures', () => {
    const bus: EventBus = new EventBus(() => {});
    bus.on('event.dropped', () => {
      throw new Error('bad');
    });
    expect(() => bus.emit('event.dropped', dropped('r1'))).not.toThrow();
  });
});

describe('what is told of a settlement', () => {
  const slip = slipWith({ seq: 7, class: 'high', arrival: 1_000, rule: 'fast' });
  const event = (verdict: SettlementVerdict, more: Partial<RequestSettled> = {}): RequestSettled => ({
    type: 'request.settled',
    id: 'r7',
    settlement: { key: slip, slip, at: 1_250, verdict, model: 'm' },
    ...more,
  });

  it('is that it was served, by whom, for whom and in what time', () => {
    const output = { content: 'the answer', tenant: 'acme' } as Answer;
    expect(settledEventOf(event('served', { output, tenant: 'acme' }))).toEqual({
      type: 'request.settled',
      requestId: 'r7',
      success: true,
      model: 'm',
      latencyMs: 250,
      tenant: 'acme',
      trace: { requestId: 'r7', rule: 'fast', class: 'high', candidates: [], totalMs: 250 },
    });
  });

  it('is the code of the error that its caller has', () => {
    const failed = settledEventOf(event('unserved', { error: new ProviderFailedError('a secret message', {}) }));
    expect(failed).toMatchObject({ success: false, code: 'provider_failed', model: 'm' });
    expect(JSON.stringify(failed)).not.toContain('secret');
    expect(settledEventOf(event('deadline', { error: new DeadlineError('deadline_exceeded', 'late') })).code).toBe(
      'deadline_exceeded',
    );
  });

  it('is that it was cancelled when its caller left, whatever the reason was', () => {
    const left = settledEventOf(event('aborted', { error: new Error('a secret reason') }));
    expect(left).toMatchObject({ success: false, code: 'cancelled' });
    expect(JSON.stringify(left)).not.toContain('secret');
  });

  it('names no model that was never asked', () => {
    const { model: _, ...settlement } = event('stopped').settlement;
    expect(settledEventOf({ ...event('stopped'), settlement })).not.toHaveProperty('model');
  });
});
