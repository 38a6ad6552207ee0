import { describe, expect, it } from 'vitest';
import { DEFAULT_BOOSTS, PRIORITY_CLASSES } from '../../src/queue/priority.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

describe('a queue', () => {
  it('P27 goes on when a running and a waiting request are aborted together', async () => {
    const { ask, backends, router } = createRig({ m: { maxConcurrency: 1 } });
    const running = ask();
    const waiting = ask();
    const last = ask();
    running.abort('left');
    waiting.abort('left');
    // The backend lets go, as one that honours its signal does.
    backends.m.last.fail(backends.m.last.context.signal.reason);
    await settled();
    expect([running.error, waiting.error]).toEqual(['left', 'left']);
    expect(backends.m.calls).toHaveLength(2);

    backends.m.last.succeed();
    await settled();
    expect(last.answer?.content).toBe('ok');
    expect(router.getModelStatus()['m']).toMatchObject({ queueDepth: 0, running: 0, lingering: 0 });
  });

  it('P27 goes on when all its requests share one signal that aborts', async () => {
    const { ask, backends, clock } = createRig({ m: { maxConcurrency: 2, maxQueueDepth: 50 } });
    const controller = new AbortController();
    const gone = Array.from({ length: 50 }, () => ask({ signal: controller.signal }));
    controller.abort('left');
    await clock.advance(1_000);
    expect(gone.every(({ error }) => error === 'left')).toBe(true);
    expect(backends.m.calls).toHaveLength(2);

    ask();
    ask();
    expect(backends.m.calls).toHaveLength(4);
  });

  it('P28 a request behind a hundred aborted ones starts now', async () => {
    const { ask, backends } = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 200 } });
    ask();
    const gone = Array.from({ length: 100 }, () => ask());
    for (const { abort } of gone) abort('left');
    await settled();
    const live = ask({}, 'live');
    backends.m.last.succeed();
    await settled();

    expect(backends.m.calls).toHaveLength(2);
    expect(backends.m.last.request.prompt).toBe('live');
    backends.m.last.succeed();
    await settled();
    expect(live.isSettled).toBe(true);
  });

  it('P28 a request behind a hundred expired ones starts when the slot is free', async () => {
    const { ask, backends, clock } = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 200 } });
    ask();
    for (let count = 0; count < 100; count++) ask({ timeoutMs: 100 });
    ask({}, 'live');
    await clock.advance(100);
    backends.m.last.succeed();
    await settled();

    expect(backends.m.calls).toHaveLength(2);
    expect(backends.m.last.request.prompt).toBe('live');
  });

  it('P28 requests that were aborted leave their places to others', async () => {
    const { ask } = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 3 } });
    ask();
    const gone = [ask(), ask()];
    for (const { abort } of gone) abort();
    await settled();
    const live = [ask(), ask()];
    const refused = ask();
    await settled();

    expect(live.map(({ isSettled }) => isSettled)).toEqual([false, false]);
    expect(refused.code).toBe('queue_full');
  });

  it('P31 a low request starts within 60 s although critical ones keep coming', async () => {
    const { ask, backends, clock } = createRig({ m: { maxConcurrency: 1, attemptTimeoutMs: 600_000 } });
    ask({ priority: 'critical' }, 'critical');
    ask({ priority: 'low' }, 'low');
    // A critical request comes whenever the slot is about to be free: without ageing the low one would wait for ever.
    let seconds = 0;
    while (backends.m.last.request.prompt !== 'low' && seconds < 200) {
      await clock.advance(1_000);
      seconds++;
      ask({ priority: 'critical' }, 'critical');
      backends.m.last.succeed();
      await settled();
    }
    expect(clock.now()).toBe(60_000);
    expect(clock.now()).toBeLessThanOrEqual(DEFAULT_BOOSTS.critical - DEFAULT_BOOSTS.low);
  });

  it('P31 nobody is overtaken by a request that came more than the difference of the boosts later', async () => {
    const { ask, backends, clock } = createRig({
      m: { maxConcurrency: 1, maxQueueDepth: 10_000, attemptTimeoutMs: 1e9 },
    });
    const arrivals = new Map<string, { at: number; boost: number }>();
    let seed = 7;
    for (let index = 0; index < 2_000; index++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const priority = PRIORITY_CLASSES[seed % 4]!;
      arrivals.set(`${index}`, { at: clock.now(), boost: DEFAULT_BOOSTS[priority] });
      ask({ priority, timeoutMs: 1e9 }, `${index}`);
      await clock.advance(seed % 113);
    }
    const order: string[] = [];
    for (let index = 0; index < 2_000; index++) {
      order.push(backends.m.last.request.prompt);
      backends.m.last.succeed();
      await settled();
    }
    expect(new Set(order).size).toBe(2_000);
    // The first took the free slot; of the others, none that came later than the bound was served earlier.
    let overtaken = 0;
    for (const [index, name] of order.entries()) {
      const own = arrivals.get(name)!;
      for (const earlier of order.slice(1, index)) {
        const other = arrivals.get(earlier)!;
        if (other.at <= own.at) continue;
        overtaken++;
        expect(other.at - own.at).toBeLessThanOrEqual(other.boost - own.boost);
      }
    }
    expect(overtaken).toBeGreaterThan(1_000);
  });

  it('P32 ageing changes the order and no class: every figure by class stays true', async () => {
    const { ask, backends, clock, heard, router } = createRig({
      m: { maxConcurrency: 1, maxQueueDepth: 4, attemptTimeoutMs: 600_000 },
    });
    const displaced = heard('request.displaced');
    ask({ priority: 'critical' });
    const aged = ask({ priority: 'low', timeoutMs: 300_000 });
    await clock.advance(59_000);
    ask({ priority: 'critical' });
    await clock.advance(2_000);
    ask({ priority: 'critical' });
    expect(router.getModelStatus()['m']!.waiting).toEqual({ critical: 2, high: 0, normal: 0, low: 1 });

    // Full: the aged low request stands before the newcomer, so nobody gives way.
    const refused = ask({ priority: 'critical' });
    await settled();
    expect(refused.code).toBe('queue_full');
    expect(displaced).toEqual([]);

    for (let call = 0; call < 4; call++) {
      backends.m.last.succeed();
      await settled();
    }
    expect(aged.answer?.trace.class).toBe('low');
    expect(router.getStats().requestsByPriority).toEqual({ critical: 4, high: 0, normal: 0, low: 1 });
  });
});
