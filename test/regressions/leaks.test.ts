import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { InspectionEvent } from 'xstate';
import type { BackendContext } from '../../src/backends/backend.ts';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { ask, createRig } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const immediate = { generate: async () => ({ content: 'ok' }) };

/** Every actor that the router's snapshots still hold. */
function childrenOf(router: LLMRouter): string[] {
  const root = router.actor.getSnapshot();
  return [
    ...Object.keys(root.children),
    ...Object.entries(root.context.models).flatMap(([name, ref]) =>
      Object.keys(ref.getSnapshot().children).map((child) => `${name}/${child}`),
    ),
  ];
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** An actor or an event type that stays costs some 500 bytes for each request. */
const HEAP_SLACK = 2 * 1_048_576;

/** Ids of actors and types of events, as an observer sees them, and how often each type was seen. */
function createCensus() {
  const ids = new Set<string>();
  const types = new Map<string, number>();
  return {
    inspect(inspected: InspectionEvent): void {
      ids.add((inspected.actorRef as unknown as { id: string }).id);
      if (!('event' in inspected)) return;
      const { type } = inspected.event as { type: string };
      types.set(type, (types.get(type) ?? 0) + 1);
    },
    count: (type: string) => types.get(type) ?? 0,
    get sizes() {
      return { ids: ids.size, types: types.size };
    },
  };
}

describe('ten thousand requests', () => {
  it('P25 on one signal put one listener on it, and none is left', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    let most = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      most = Math.max(most, ++listeners);
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    const router = new LLMRouter({ clock: new VirtualClock(), seed: 1 });
    router.addModel('m', { backend: immediate, maxConcurrency: 8, maxQueueDepth: 100 });
    for (let batch = 0; batch < 100; batch++) {
      await Promise.all(Array.from({ length: 100 }, () => router.generate('hi', { signal })));
    }
    expect(router.getStats().successes).toBe(10_000);
    expect(most).toBe(1);
    expect(listeners).toBe(0);
  });

  it('P45 leave the actors as they were, and use only ids and event types that were there before', async () => {
    const census = createCensus();
    const { inspect } = census;
    let calls = 0;
    const flaky = {
      async generate() {
        calls++;
        if (calls % 7 === 0) throw new BackendError('down', { status: 500 });
        if (calls % 11 === 0) throw new BackendError('no', { status: 400 });
        return { content: 'ok' };
      },
    };
    const clock = new VirtualClock();
    const router = new LLMRouter({ clock, seed: 1, inspect, retries: { maxRetries: 0 } });
    for (const name of ['a', 'b', 'c']) router.addModel(name, { backend: flaky, maxConcurrency: 4, maxQueueDepth: 20 });
    const run = async (requests: number): Promise<void> => {
      for (let count = 0; count < requests; count += 50) {
        const batch = Array.from({ length: 50 }, (_, index) => ask(router, index % 10 === 0 ? { timeoutMs: 50 } : {}));
        batch[7]!.abort();
        await clock.advance(10);
      }
    };
    await run(1_000);
    const before = { children: childrenOf(router), ...census.sizes };
    await run(10_000);

    expect(router.getStats().totalRequests).toBe(11_000);
    expect(childrenOf(router)).toEqual(before.children);
    const { ids, types } = census.sizes;
    expect({ ids, types }).toEqual({ ids: before.ids, types: before.types });
    // The root, its timers, its cache and what does that one's work, three models and their four slots, which share their ids.
    expect(ids).toBe(1 + 1 + 2 + 3 + 4);
    expect(types).toBeLessThan(40);
  });

  it('P45 of which half fail at first leave the actors, ids, event types and the heap as they were, once drained', async () => {
    const census = createCensus();
    let requests = 0;
    const flaky = {
      async generate(_: unknown, { attempt }: BackendContext) {
        if (attempt === 1 && ++requests % 2 === 0) throw new BackendError('down', { status: 503 });
        return { content: 'ok' };
      },
    };
    const clock = new VirtualClock();
    const router = new LLMRouter({ clock, seed: 1, inspect: census.inspect, retries: { baseMs: 20, maxMs: 40 } });
    for (const name of ['a', 'b', 'c']) router.addModel(name, { backend: flaky, maxConcurrency: 4, maxQueueDepth: 50 });
    const run = async (count: number): Promise<void> => {
      for (let asked = 0; asked < count; asked += 10) {
        for (let index = 0; index < 10; index++) ask(router, index % 5 === 0 ? { timeoutMs: 30 } : {});
        await clock.advance(10);
      }
      await clock.advance(200_000);
    };
    await run(1_000);
    const before = { children: childrenOf(router), sizes: census.sizes, heap: heapUsed() };
    const backedOff = census.count('retry.due');
    await run(10_000);

    expect(router.getStats().totalRequests).toBe(11_000);
    expect(router.getStats().successes).toBeGreaterThan(9_000);
    expect(census.count('retry.due') - backedOff).toBeGreaterThan(1_000);
    for (const status of Object.values(router.getModelStatus())) {
      expect(status).toMatchObject({ queueDepth: 0, backingOff: 0, running: 0, lingering: 0 });
    }
    expect(childrenOf(router)).toEqual(before.children);
    expect(census.sizes).toEqual(before.sizes);
    expect(heapUsed() - before.heap).toBeLessThan(HEAP_SLACK);
    expect(clock.pending).toBe(0);
  });
});

describe('removed models', () => {
  it('P26 leave no actor, no child and no open backend, and their names are free again', async () => {
    const clock = new VirtualClock();
    const router = new LLMRouter({ clock, seed: 1 });
    router.addModel('base', { backend: immediate });
    router.on('queue.changed', () => {});
    const before = childrenOf(router);
    const backends: ScriptedStreamingBackend[] = [];
    for (let cycle = 0; cycle < 1_000; cycle++) {
      const backend = new ScriptedStreamingBackend();
      backends.push(backend);
      router.addModel('extra', { backend, maxConcurrency: 4, breaker: { failureThreshold: 1 } });
      const request = ask(router, { model: 'extra' });
      if (cycle % 4 === 0) backend.last.succeed();
      else if (cycle % 4 === 1) backend.last.fail();
      else if (cycle % 4 === 2) backend.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 1e9 }));
      const removed = router.removeModel('extra', { graceMs: 10 });
      await clock.advance(1_100);
      await removed;
      expect(request.isSettled).toBe(true);
    }
    expect(childrenOf(router)).toEqual(before);
    expect(Object.keys(router.actor.getSnapshot().context.leaving)).toEqual([]);
    expect(Object.keys(router.getModelStatus())).toEqual(['base']);
    expect(Object.keys(router.snapshot().models)).toEqual(['base']);
    expect(backends.map(({ closed }) => closed)).toEqual(Array(1_000).fill(1));
    expect(router.getStats().totalRequests).toBe(1_000);
    // Once the timers' lazy alarm has looked for what was cleared, nothing ticks.
    await clock.advance(1_000_000);
    expect(clock.pending).toBe(0);
  });

  it('P26 free their breakers: the next of the same name is closed, active and unlimited', async () => {
    const { ask: request, backends, clock, fail, router } = createRig({ m: { breaker: { failureThreshold: 1 } } });
    request({ timeoutMs: 100 });
    backends.m.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 50_000 }));
    await settled();
    router.forceClosed('m').pause('m');
    const removed = router.removeModel('m');
    await clock.advance(1_000);
    await removed;
    router.addModel('m', { backend: backends.m });
    expect(router.getModelStatus()['m']).toMatchObject({
      control: 'active',
      limitedUntil: null,
      queueState: 'accepting',
      circuitBreaker: { state: 'closed', opens: 0, lastTrip: null },
    });
    await fail('m', 1);
    await clock.advance(60_000);
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(1);
  });

  it('P26 and removed rules leave nothing in the router’s context', async () => {
    const { ask: request, router } = createRig({ a: {}, b: {} });
    const sizes = () => Object.values(router.actor.getSnapshot().context).map((part) => JSON.stringify(part).length);
    const before = sizes();
    for (let index = 0; index < 1_000; index++) {
      const name = `rule-${index}`;
      router.addRoute({ metadata: { index } }, { name, targets: ['a', 'b'], strategy: 'round-robin' });
      if (index % 100 === 0) {
        request({ model: name }).abort();
        await settled();
      }
      router.removeRoute(name);
    }
    expect(sizes()).toEqual(before);
  });

  it('P26 a removed model’s late result is heard by nobody and harms nothing', async () => {
    const { ask: request, backends, clock, router } = createRig({ a: {}, b: {} });
    const moved = request({ priority: 'high' });
    const removed = router.removeModel('a', { graceMs: 0 });
    await clock.advance(1_000);
    await removed;
    backends.a.last.fail();
    backends.b.last.succeed();
    await settled();
    expect(moved.answer?.modelUsed).toBe('b');
    expect(router.actor.getSnapshot().status).toBe('active');
  });
});
