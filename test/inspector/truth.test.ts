import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import type { AnyActorRef, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { BackendError, PRIORITY_CLASSES } from '../../src/index.ts';
import { inspected } from '../../src/inspected.ts';
import { edgeIdOf } from '../../src/inspector/chart/edge-id.ts';
import { Inspector } from '../../src/inspector/inspector.ts';
import type { View } from '../../src/inspector/web/view.ts';
import type { LLMRouter } from '../../src/llm-router.ts';
import { nextRandom } from '../../src/random.ts';
import { type Asked, createRig } from '../support/rig.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { settled, type VirtualClock } from '../support/virtual-clock.ts';
import { watch } from './support.ts';

const HOUR_MS = 3_600_000;

/** Draws the same every time. */
function createDice(seed: number) {
  let state = seed;
  const draw = (): number => {
    const { value, seed: next } = nextRandom(state);
    state = next;
    return value;
  };
  return { draw, pick: <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)]! };
}

/** The actors that live now, found on our own: by walking down from the root. */
function actorsOf(router: LLMRouter): Map<string, AnyActorRef> {
  const found = new Map<string, AnyActorRef>([['router', router.actor as never]]);
  const walk = (ref: AnyActorRef, path: string): void => {
    for (const [id, child] of Object.entries(
      (ref.getSnapshot() as { children?: Record<string, AnyActorRef> }).children ?? {},
    )) {
      const own = path === '' ? id : `${path}#${id}`;
      found.set(own, child);
      walk(child, own);
    }
  };
  walk(router.actor as never, '');
  return found;
}

/** Counts the edges that fire, on our own. */
function countEdges(router: LLMRouter): Map<unknown, Record<string, number>> {
  const counts = new Map<unknown, Record<string, number>>();
  router.actor.system.inspect((event: InspectionEvent) => {
    if (event.type !== '@xstate.microstep') return;
    const transitions: readonly AnyTransitionDefinition[] = event._transitions;
    const known = counts.get(event.actorRef) ?? {};
    for (const transition of transitions) {
      const edge = edgeIdOf(transition);
      known[edge] = (known[edge] ?? 0) + 1;
    }
    counts.set(event.actorRef, known);
  });
  return counts;
}

interface Told {
  readonly settled: readonly { readonly requestId: string }[];
  readonly changes: number;
}

/** Where what the page shows is not what is. Plain comparisons: there are a million of them. */
function lies(
  view: View,
  router: LLMRouter,
  clock: VirtualClock,
  counts: Map<unknown, Record<string, number>>,
  told: Told,
): string[] {
  const found: string[] = [];
  const compare = (what: string, shown: unknown, is: unknown): void => {
    if (!isDeepStrictEqual(shown, is)) found.push(`${what}: shown ${JSON.stringify(shown)}, is ${JSON.stringify(is)}`);
  };
  const actors = actorsOf(router);
  compare('actors', Object.keys(view.actors).sort(), [...actors.keys()].sort());
  for (const [id, ref] of actors) {
    const { value } = ref.getSnapshot() as { value?: unknown };
    compare(`state of ${id}`, view.actors[id]?.state, value ?? null);
    compare(`edges of ${id}`, view.actors[id]?.counts, counts.get(ref) ?? {});
  }
  const status = router.getModelStatus();
  compare('models', Object.keys(view.models).sort(), Object.keys(status).sort());
  for (const [name, { circuitBreaker: breaker, ...is }] of Object.entries(status)) {
    const shown = view.models[name]!;
    compare(`breaker of ${name}`, [shown.breaker.state, shown.breaker.failures], [breaker.state, breaker.failureCount]);
    compare(`open time of ${name}`, [shown.breaker.until, shown.breaker.opens], [breaker.openUntil, breaker.opens]);
    compare(`control of ${name}`, [shown.control, shown.queueState], [is.control, is.queueState]);
    compare(`queue of ${name}`, shown.waiting, is.waiting);
    compare(
      `load of ${name}`,
      [shown.depth, shown.backingOff, shown.running, shown.lingering, shown.runningLimit, shown.busySlots.length],
      [is.queueDepth, is.backingOff, is.running, is.lingering, is.runningLimit, is.running],
    );
    compare(`limit of ${name}`, shown.limitedUntil, is.limitedUntil);
  }
  const { parked, rules } = router.actor.getSnapshot().context;
  compare('parked', view.router?.parked, parked.count);
  compare(
    'rules',
    view.router?.rules.map(({ name }) => name),
    rules.map(({ name }) => name),
  );
  const last = view.requests.at(-1);
  compare('requests', [last?.n ?? 0, last?.id], [told.settled.length, told.settled.at(-1)?.requestId]);
  compare('kept requests', view.requests.length, Math.min(1_000, told.settled.length));
  const changes = view.marks.filter(({ kind }) => !kind.startsWith('limit_') && kind !== 'command');
  compare('marks', changes.length, Math.min(1_000, told.changes));
  compare('pending', view.router?.pending, router[inspected].pending());
  compare('cache', view.router?.cache?.state, router.getStats().cache?.state);
  compare('time', view.at, Math.round(clock.wallNow()));
  return found;
}

it('shows in each frame of a random hour what the actors are', async () => {
  const { draw, pick } = createDice(1);
  const breaker = { failureThreshold: 3, recoveryTimeoutMs: 20_000, successThreshold: 2 };
  const small = { maxConcurrency: 2, maxQueueDepth: 5, breaker };
  const { router, clock, backends, ask, heard } = createRig(
    { a: small, b: small, c: { ...small, maxQueueDepth: 3 } },
    { retries: { maxRetries: 1 } },
  );
  router.addRoute('critical', { targets: ['a'], fallback: ['b', 'c'] });
  router.addRoute('high', { targets: ['b'], fallback: ['a'], whenUnavailable: 'wait' });
  router.addRoute('low', { targets: ['a', 'c'], strategy: 'least-busy' });
  router.enableCache({ embedder: false });
  const counts = countEdges(router);
  const inspector = new Inspector(router);
  const ended = heard('request.settled');
  let changes = 0;
  for (const name of ['breaker.changed', 'control.changed', 'cache.changed'] as const) router.on(name, () => changes++);
  for (const name of ['model.added', 'model.removed'] as const) router.actor.on(name, () => changes++);
  const found: string[] = [];
  const seen = { states: new Set<string>(), parked: 0, limited: 0 };
  const check = (view: View): void => {
    // What is thrown here would only be logged.
    try {
      found.push(...lies(view, router, clock, counts, { settled: ended, changes }));
    } catch (error) {
      found.push(String(error));
    }
    for (const { breaker, limitedUntil } of Object.values(view.models)) {
      seen.states.add(breaker.state);
      if (limitedUntil !== null) seen.limited++;
    }
    seen.parked += view.router!.parked;
  };
  let shown = 0;
  watch(inspector, (view) => {
    shown++;
    check(view);
  });
  // It counts edges from when it is attached.
  counts.clear();
  const slow = watch(inspector, (view, { full }) => {
    if (full) check(view);
  });

  const calls = new Set(Object.values(backends).map((backend) => backend as ScriptedBackend));
  const extra = new ScriptedBackend();
  const asked: Asked[] = [];
  while (clock.now() < HOUR_MS) {
    const dice = draw();
    if (dice < 0.4) {
      const timeoutMs = pick([500, 5_000, 60_000]);
      const cached = draw() < 0.2 ? { temperature: 0 } : {};
      asked.push(ask({ priority: pick(PRIORITY_CLASSES), timeoutMs, ...cached }, pick(['one', 'two', 'three'])));
    } else if (dice < 0.7) {
      const backend = pick([...calls]);
      const call = backend.calls.length === 0 ? undefined : pick(backend.calls.slice(-4));
      const end = draw();
      if (end < 0.55) call?.succeed();
      else if (end < 0.85) call?.fail();
      else call?.fail(new BackendError('busy', { status: 429, retryAfterMs: 3_000 }));
    } else if (dice < 0.73) pick([...asked.slice(-5), undefined])?.abort();
    else if (dice < 0.76)
      inspector.control(
        pick(['a', 'b', 'c']),
        pick(['force_open', 'force_closed', 'reset', 'pause', 'resume', 'drain', 'resume']),
      );
    else if (dice < 0.77) {
      if (router.getModelStatus()['d'] === undefined) router.addModel('d', { ...small, backend: extra });
      else void router.removeModel('d', { graceMs: 100 });
    } else await clock.advance(draw() * (draw() < 0.1 ? 60_000 : 4_000));
    await settled();
    if (draw() < 0.01) slow.patience = 1;
    if (draw() < 0.02) {
      slow.patience = Number.POSITIVE_INFINITY;
      slow.caughtUp();
    }
  }

  expect(found).toEqual([]);
  // The hour had all that can be shown wrongly.
  expect(shown).toBeGreaterThan(3_600);
  expect(slow.frames.filter(({ full }) => full).length).toBeGreaterThan(3);
  expect([...seen.states]).toEqual(
    expect.arrayContaining(['closed', 'open', 'half_open', 'forced_open', 'forced_closed']),
  );
  expect(seen.parked).toBeGreaterThan(0);
  expect(seen.limited).toBeGreaterThan(0);
}, 60_000);
