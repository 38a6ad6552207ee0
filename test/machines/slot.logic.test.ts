import { describe, expect, it } from 'vitest';
import type { SlotCommand, SlotEvent } from '../../machines/events.ts';
import type { CallObserver, CallPort } from '../../machines/ports.ts';
import { createSlotLogic } from '../../machines/slot.logic.ts';
import { startUnderParent } from '../support/parent.ts';
import { slipWith } from '../support/slips.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

type Hook = (observer: CallObserver) => void;

function setUp(isKnown = true, onAbort?: Hook, onStart?: Hook) {
  const clock = new VirtualClock();
  const calls: { observer: CallObserver; aborted: string[] }[] = [];
  const port: CallPort = {
    start(_slip, _model, observer) {
      if (!isKnown) return null;
      const call = { observer, aborted: [] as string[] };
      calls.push(call);
      onStart?.(observer);
      return {
        abort(reason) {
          call.aborted.push(reason);
          onAbort?.(observer);
        },
      };
    },
  };
  const { heard, send, stop } = startUnderParent<SlotEvent>(createSlotLogic(port, clock), {
    slot: 4,
    model: 'm',
    abortGraceMs: 100,
  });
  const start = (seq: number, given: Partial<Extract<SlotCommand, { type: 'call.start' }>> = {}) =>
    send({
      type: 'call.start',
      slip: slipWith({ seq }),
      permit: { generation: 1, probe: false },
      timeouts: WHOLE,
      isStreamed: false,
      silentAfterMs: null,
      probeTimeoutMs: null,
      at: clock.now(),
      ...given,
    } satisfies SlotCommand);
  const cancel = (id: string) =>
    send({ type: 'call.cancel', id, reason: 'aborted', at: clock.now() } satisfies SlotCommand);
  return { calls, cancel, clock, heard, send, start, stop, types: () => heard.map(({ type }) => type) };
}

const WHOLE = { attemptTimeoutMs: 1_000, firstTokenTimeoutMs: 1, idleTimeoutMs: 1, minTokensPerSecond: null };
/** A stream's limits: no byte of content for 1,000 ms, then no sign of life for 200. */
const STREAM = {
  isStreamed: true,
  timeouts: { attemptTimeoutMs: null, firstTokenTimeoutMs: 1_000, idleTimeoutMs: 200, minTokensPerSecond: null },
};
const PROBE = { permit: { generation: 1, probe: true }, probeTimeoutMs: 300 };

describe('a call', () => {
  it.each([
    ['success', 'call.succeeded'],
    ['failure', 'call.failed'],
    ['ignored', 'call.ignored'],
    ['rate_limited', 'call.rate_limited'],
  ] as const)('that ends in %s is reported once as %s', (outcome, type) => {
    const { calls, heard, start } = setUp();
    start(1);
    calls[0]!.observer.ended({ outcome, status: 418, code: 'teapot', retryAfterMs: 7 });
    calls[0]!.observer.ended({ outcome: 'failure' });
    expect(heard).toMatchObject([
      {
        type,
        slot: 4,
        slip: { id: 'r1' },
        lingers: false,
        interrupts: false,
        status: 418,
        code: 'teapot',
        retryAfterMs: 7,
      },
    ]);
  });

  it('that the ledger does not know is called off without a call', () => {
    const { heard, start } = setUp(false);
    start(1);
    expect(heard).toMatchObject([{ type: 'call.cancelled', lingers: false }]);
  });

  it('that is silent for too long fails at once and lingers until its backend lets go', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1);
    await clock.advance(1_000);
    expect(heard).toMatchObject([{ type: 'call.failed', code: 'attempt_timeout', lingers: true, at: 1_000 }]);
    expect(calls[0]!.aborted).toEqual(['attempt_timeout']);
    calls[0]!.observer.ended({ outcome: 'success' });
    expect(heard.slice(1)).toEqual([{ type: 'slot.freed', slot: 4, abandoned: false, at: 1_000 }]);
  });

  it('that is called off is answered at once, and abandoned when its backend does not let go', async () => {
    const { calls, cancel, clock, heard, start } = setUp();
    start(1);
    cancel('someone else');
    expect(heard).toEqual([]);
    cancel('r1');
    cancel('r1');
    expect(heard).toMatchObject([{ type: 'call.cancelled', reason: 'aborted', lingers: true }]);
    await clock.advance(100);
    expect(heard.slice(1)).toEqual([{ type: 'slot.freed', slot: 4, abandoned: true, at: 100 }]);

    start(2);
    calls[0]!.observer.ended({ outcome: 'failure' });
    calls[0]!.observer.started();
    calls[0]!.observer.progressed(1);
    expect(heard).toHaveLength(2);
    calls[1]!.observer.ended({ outcome: 'success' });
    expect(heard[2]).toMatchObject({ type: 'call.succeeded', slip: { id: 'r2' } });
  });
});

describe('a stream', () => {
  it('says when its first content is there, and interrupts from then on', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1);
    await clock.advance(40);
    calls[0]!.observer.started();
    calls[0]!.observer.ended({ outcome: 'failure' });
    expect(heard).toMatchObject([
      { type: 'stream.started', slot: 4, at: 40 },
      { type: 'call.failed', interrupts: true, firstTokenMs: 40 },
    ]);
  });

  it('may take any time as long as it is not silent', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, STREAM);
    calls[0]!.observer.started();
    for (let piece = 0; piece < 500; piece++) {
      await clock.advance(199);
      calls[0]!.observer.progressed(1);
    }
    expect(heard).toHaveLength(1);
    await clock.advance(200);
    expect(heard[1]).toMatchObject({ type: 'call.failed', code: 'idle_timeout', interrupts: true });
    expect(calls[0]!.aborted).toEqual(['idle_timeout']);
  });

  it('has so long until its first content, whatever signs of life come before', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, STREAM);
    for (let sign = 0; sign < 9; sign++) {
      await clock.advance(100);
      calls[0]!.observer.progressed(1);
    }
    await clock.advance(99);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toMatchObject([{ type: 'call.failed', code: 'first_token_timeout', interrupts: false, at: 1_000 }]);
  });

  it('begins to be idle with its first content', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, STREAM);
    await clock.advance(900);
    calls[0]!.observer.started();
    await clock.advance(199);
    expect(heard).toHaveLength(1);
    await clock.advance(1);
    expect(heard[1]).toMatchObject({ code: 'idle_timeout', at: 1_100 });
  });

  it('may be given a time for all of it', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, { ...STREAM, timeouts: { ...STREAM.timeouts, attemptTimeoutMs: 500 } });
    calls[0]!.observer.started();
    for (let piece = 0; piece < 5; piece++) {
      calls[0]!.observer.progressed(1);
      await clock.advance(100);
    }
    expect(heard[1]).toMatchObject({ type: 'call.failed', code: 'attempt_timeout', at: 500 });
  });

  const paced = { ...STREAM, timeouts: { ...STREAM.timeouts, idleTimeoutMs: 1_000, minTokensPerSecond: 5 } };

  it('that drips has failed when it has brought too little for ten seconds', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, paced);
    await clock.advance(500);
    calls[0]!.observer.started();
    for (let piece = 0; piece < 100; piece++) {
      await clock.advance(100);
      // Fifty tokens in the first ten seconds, then one less.
      calls[0]!.observer.progressed((piece + 1) % 2);
    }
    for (let piece = 0; piece < 49; piece++) {
      await clock.advance(200);
      calls[0]!.observer.progressed(1);
    }
    await clock.advance(199);
    expect(heard).toHaveLength(1);
    await clock.advance(1);
    expect(heard[1]).toMatchObject({ type: 'call.failed', code: 'too_slow', at: 20_500 });
    expect(calls[0]!.aborted).toEqual(['too_slow']);
  });

  it('is given credit for its first piece', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, { ...paced, timeouts: { ...paced.timeouts, idleTimeoutMs: 60_000 } });
    calls[0]!.observer.progressed(50);
    calls[0]!.observer.started();
    await clock.advance(19_999);
    expect(heard).toHaveLength(1);
    await clock.advance(1);
    expect(heard[1]).toMatchObject({ code: 'too_slow' });
  });

  it('keeps its pace while its reader takes his time, and has no more time for it', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, { ...paced, timeouts: { ...paced.timeouts, idleTimeoutMs: 60_000 } });
    calls[0]!.observer.started();
    for (let pause = 0; pause < 20; pause++) {
      await clock.advance(499);
      calls[0]!.observer.paused();
      await clock.advance(50_000);
      calls[0]!.observer.resumed();
    }
    await clock.advance(19);
    expect(heard).toHaveLength(1);
    await clock.advance(1);
    expect(heard[1]).toMatchObject({ code: 'too_slow' });
  });

  it('is not blamed for a reader that takes its time', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, { ...STREAM, timeouts: { ...STREAM.timeouts, attemptTimeoutMs: 300 } });
    calls[0]!.observer.started();
    for (let pause = 0; pause < 3; pause++) {
      calls[0]!.observer.paused();
      await clock.advance(50_000);
      calls[0]!.observer.resumed();
    }
    await clock.advance(199);
    expect(heard).toHaveLength(1);
    await clock.advance(1);
    expect(heard[1]).toMatchObject({ code: 'idle_timeout', at: 150_200 });
  });
});

describe('a call that is not streamed', () => {
  it('may take a minute when nothing is said', async () => {
    const { clock, heard, start } = setUp();
    start(1, { timeouts: { ...WHOLE, attemptTimeoutMs: null } });
    await clock.advance(59_999);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toMatchObject([{ code: 'attempt_timeout' }]);
  });
});

describe('a probe', () => {
  it('that shows no life within its lease has failed', async () => {
    const { clock, heard, start } = setUp();
    start(1, PROBE);
    await clock.advance(300);
    expect(heard).toMatchObject([{ type: 'call.failed', code: 'probe_timeout' }]);
  });

  it('that streams past its lease has proved itself once, and its permit is spent', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, PROBE);
    calls[0]!.observer.started();
    for (let piece = 0; piece < 3; piece++) {
      await clock.advance(200);
      calls[0]!.observer.progressed(1);
    }
    calls[0]!.observer.ended({ outcome: 'failure' });
    expect(heard).toMatchObject([
      { type: 'stream.started' },
      { type: 'probe.proved', at: 400, permit: { generation: 1, probe: true } },
      { type: 'call.failed', permit: { generation: 1, probe: true, spent: true } },
    ]);
  });
});

it('aborts its call and leaves no timer when it is stopped', () => {
  const { calls, clock, heard, start, stop } = setUp();
  start(1);
  stop();
  expect(calls[0]!.aborted).toEqual(['router_stopped']);
  expect(clock.pending).toBe(0);
  calls[0]!.observer.ended({ outcome: 'success' });
  expect(heard).toEqual([]);
});

describe('a call that has been called off', () => {
  it('says why it was, to its model and to its backend', () => {
    const { calls, heard, send, start } = setUp();
    start(1);
    send({ type: 'call.cancel', id: 'r1', reason: 'deadline', at: 0 } satisfies SlotCommand);
    expect(heard).toMatchObject([{ type: 'call.cancelled', reason: 'deadline', lingers: true }]);
    expect(calls[0]!.aborted).toEqual(['deadline']);
  });

  it('has no say any more: nothing that its backend does is heard but that it has let go', async () => {
    const { calls, cancel, clock, heard, start } = setUp();
    start(1, PROBE);
    cancel('r1');
    const { observer } = calls[0]!;
    observer.started();
    observer.progressed(1);
    observer.paused();
    observer.resumed();
    await clock.advance(99);
    expect(heard).toHaveLength(1);
    observer.ended({ outcome: 'success' });
    observer.ended({ outcome: 'success' });
    await clock.advance(10_000);
    expect(heard.slice(1)).toEqual([{ type: 'slot.freed', slot: 4, abandoned: false, at: 99 }]);
  });

  it('may be let go while it is being told to stop', () => {
    const { heard, send, start } = setUp(true, (observer) => observer.ended({ outcome: 'cancelled' }));
    start(1);
    send({ type: 'call.cancel', id: 'r1', reason: 'aborted', at: 0 } satisfies SlotCommand);
    expect(heard).toMatchObject([
      { type: 'call.cancelled', lingers: true },
      { type: 'slot.freed', slot: 4, abandoned: false },
    ]);
  });
});

describe('a probe’s lease', () => {
  it('is renewed by each sign of life', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, PROBE);
    await clock.advance(299);
    calls[0]!.observer.progressed(1);
    await clock.advance(299);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toMatchObject([{ type: 'call.failed', code: 'probe_timeout', at: 599 }]);
  });

  it('is not outlived by signs of life without content', async () => {
    const { calls, clock, start, types } = setUp();
    start(1, PROBE);
    for (let sign = 0; sign < 4; sign++) {
      await clock.advance(200);
      calls[0]!.observer.progressed(1);
    }
    expect(types()).toEqual([]);
  });

  it('is over once the probe has proved itself: then it is a call like any other', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, { ...STREAM, ...PROBE, timeouts: { ...STREAM.timeouts, idleTimeoutMs: 900 } });
    calls[0]!.observer.started();
    for (let piece = 0; piece < 3; piece++) {
      await clock.advance(200);
      calls[0]!.observer.progressed(1);
    }
    await clock.advance(899);
    expect(heard.map(({ type }) => type)).toEqual(['stream.started', 'probe.proved']);
    await clock.advance(1);
    expect(heard[2]).toMatchObject({ type: 'call.failed', code: 'idle_timeout' });
  });

  it('gives way to the model’s own limit when that is shorter', async () => {
    const { clock, heard, start } = setUp();
    start(1, { ...PROBE, timeouts: { ...WHOLE, attemptTimeoutMs: 200 } });
    await clock.advance(200);
    expect(heard).toMatchObject([{ type: 'call.failed', code: 'attempt_timeout', at: 200 }]);
  });
});

it('runs call after call and leaves no timer running when it has none', async () => {
  const { calls, clock, heard, start } = setUp();
  for (let seq = 1; seq <= 50; seq++) {
    start(seq);
    calls.at(-1)!.observer.ended({ outcome: 'success' });
  }
  expect(heard.map((event) => 'slip' in event && event.slip.id)).toEqual(calls.map((_, index) => `r${index + 1}`));
  expect(clock.pending).toBeLessThanOrEqual(1);
  await clock.advance(5_000);
  expect(heard).toHaveLength(50);
  expect(clock.pending).toBe(0);
});

it('hears nothing more of a call that has ended, while the next one runs', async () => {
  const { calls, clock, start, types } = setUp();
  start(1);
  const { observer } = calls[0]!;
  observer.ended({ outcome: 'success' });
  start(2);
  observer.started();
  observer.progressed(1);
  observer.paused();
  await clock.advance(1_000);
  expect(types()).toEqual(['call.succeeded', 'call.failed']);
});

it('knows a call that ends while it is being started', () => {
  const { heard, start } = setUp(true, undefined, (observer) => observer.ended({ outcome: 'success' }));
  start(1);
  start(2);
  expect(heard.map(({ type }) => type)).toEqual(['call.succeeded', 'call.succeeded']);
});

it('lets a lingering call go too when it is stopped', () => {
  const { calls, cancel, clock, heard, start, stop } = setUp();
  start(1);
  cancel('r1');
  stop();
  expect(clock.pending).toBe(0);
  calls[0]!.observer.ended({ outcome: 'success' });
  expect(heard).toHaveLength(1);
});

describe('a silent call', () => {
  const silent = { silentAfterMs: 50 };
  const notices = (heard: readonly SlotEvent[]) => heard.filter(({ type }) => type === 'silence.noticed');

  it('is noticed once, with the time at which any call of its model last showed life', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1);
    await clock.advance(10);
    calls[0]!.observer.ended({ outcome: 'success' });
    start(2, silent);
    await clock.advance(49);
    expect(notices(heard)).toEqual([]);
    await clock.advance(1);
    expect(notices(heard)).toMatchObject([{ slot: 4, slip: { id: 'r2' }, lastSignAt: 10, at: 60 }]);
    await clock.advance(800);
    expect(notices(heard)).toHaveLength(1);
    await clock.advance(200);
    expect(heard.at(-1)).toMatchObject({ type: 'call.failed', code: 'attempt_timeout' });
  });

  it('is looked at twice, because timers ring before what came while the process stood still is read', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, { ...STREAM, ...silent });
    // Due at the same time, and behind it.
    clock.setTimeout(() => calls[0]!.observer.progressed(0), 50);
    await clock.advance(500);
    expect(notices(heard)).toEqual([]);
  });

  it('of a request that was called off on its way says nothing of the model', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1);
    await clock.advance(30);
    calls[0]!.observer.ended({ outcome: 'cancelled' });
    start(2, silent);
    await clock.advance(50);
    expect(notices(heard)).toMatchObject([{ lastSignAt: Number.NEGATIVE_INFINITY }]);
  });

  it('is no longer one from its first sign of life on', async () => {
    const { calls, clock, heard, start } = setUp();
    start(1, { ...STREAM, ...silent });
    await clock.advance(30);
    calls[0]!.observer.progressed(0);
    await clock.advance(500);
    expect(notices(heard)).toEqual([]);
  });

  it.each([
    ['an answer', { outcome: 'success' }, 30],
    ['a refusal', { outcome: 'ignored', status: 400 }, 30],
    ['an error of the provider', { outcome: 'failure', status: 500 }, 30],
    ['a broken connection', { outcome: 'failure', code: 'ECONNRESET' }, Number.NEGATIVE_INFINITY],
  ] as const)('counts from %s', async (_what, result, lastSignAt) => {
    const { calls, clock, heard, start } = setUp();
    start(1);
    await clock.advance(30);
    calls[0]!.observer.ended(result);
    start(2, silent);
    await clock.advance(50);
    expect(notices(heard)).toMatchObject([{ lastSignAt }]);
  });

  it('is given up when it is told so: its request moves on, and the slot waits for the backend', async () => {
    const { calls, clock, heard, send, start } = setUp();
    start(1, STREAM);
    await clock.advance(20);
    send({ type: 'call.give_up', at: 20 } satisfies SlotCommand);
    expect(heard).toMatchObject([{ type: 'call.failed', code: 'provider_silent', lingers: true, interrupts: false }]);
    expect(calls[0]!.aborted).toEqual(['provider_silent']);
    send({ type: 'call.give_up', at: 20 } satisfies SlotCommand);
    expect(heard).toHaveLength(1);
  });

  it('is not given up once its caller has had something of it', () => {
    const { calls, heard, send, start } = setUp();
    send({ type: 'call.give_up', at: 0 } satisfies SlotCommand);
    start(1, STREAM);
    calls[0]!.observer.started();
    send({ type: 'call.give_up', at: 0 } satisfies SlotCommand);
    expect(heard.map(({ type }) => type)).toEqual(['stream.started']);
  });
});
