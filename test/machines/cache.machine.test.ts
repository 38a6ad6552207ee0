import { describe, expect, it } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import type { CacheCommand, CacheEvent, CacheReportEvent, CacheState, CacheWork } from '../../machines/cache/events.ts';
import { cacheMachine } from '../../machines/cache.machine.ts';
import { ASKED, ASKED_ONLY, type CacheVerdict } from '../../src/routing/cache-verdict.ts';
import { termsOf } from '../../src/routing/slip.ts';
import { slipWith } from '../support/slips.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const slipAsking = (cache: CacheVerdict | null) => ({ ...slipWith({ seq: 1 }), terms: termsOf('fail', 0, cache) });
const slip = slipAsking(ASKED);
const EVENTS: Readonly<Record<string, CacheEvent>> = {
  'enable with an embedder': { type: 'cache.enable', isSemantic: true, retryMs: 1_000, at: 0 },
  'enable without': { type: 'cache.enable', isSemantic: false, retryMs: 1_000, at: 0 },
  loaded: { type: 'embedder.loaded', at: 1 },
  'not to be had': { type: 'embedder.failed', reason: 'gone', at: 1 },
  failed: { type: 'embedding.failed', reason: 'slow', at: 1 },
  succeeded: { type: 'embedding.succeeded', at: 1 },
  'look up': { type: 'cache.look_up', slip, at: 1 },
  cancel: { type: 'request.cancel', id: 'r1', seq: 1, class: 'normal', arrival: 0, reason: 'aborted', at: 1 },
  release: { type: 'cache.release', at: 1 },
  missed: { type: 'cache.missed', slip, at: 1 },
  settled: { type: 'cache.settled', slip, verdict: 'served', at: 1 },
};

function bound() {
  const clock = new VirtualClock();
  const work: CacheWork[] = [];
  const reports: CacheReportEvent[] = [];
  const changes: object[] = [];
  const parent = createActor(fromCallback<CacheReportEvent>(({ receive }) => receive((event) => reports.push(event))));
  const machine = cacheMachine.provide({
    actors: { work: fromCallback<CacheWork, undefined>(({ receive }) => receive((event) => work.push(event))) },
  });
  const actor = createActor(machine, { input: { reportTo: parent.start() as never }, clock });
  actor.on('cache.changed', ({ type: _, ...change }) => changes.push(change));
  actor.start();
  const send = (...names: string[]) => {
    for (const name of names) actor.send(EVENTS[name]!);
  };
  return { actor, clock, work, reports, changes, send, state: () => actor.getSnapshot().value as CacheState };
}

const PATHS: Readonly<Record<string, readonly string[]>> = {
  off: [],
  warming: ['enable with an embedder'],
  ready: ['enable with an embedder', 'loaded'],
  'ready, exact only': ['enable without'],
  degraded: ['enable with an embedder', 'not to be had'],
};

describe('every event in every state', () => {
  /** Where an event leads that changes the state; all others leave it as it is. */
  const LEADS: Readonly<Record<string, Readonly<Record<string, CacheState>>>> = {
    off: { 'enable with an embedder': 'warming', 'enable without': 'ready' },
    warming: { loaded: 'ready', 'not to be had': 'degraded' },
    ready: { 'not to be had': 'degraded' },
    'ready, exact only': { 'not to be had': 'degraded' },
    degraded: {},
  };
  const cases = Object.keys(PATHS).flatMap((from) => Object.keys(EVENTS).map((event) => [from, event] as const));
  it.each(cases)('%s: %s', (from, event) => {
    const { send, state, actor, work, reports } = bound();
    send(...PATHS[from]!);
    const before = { state: state(), work: work.length };
    send(event);
    expect(state()).toBe(LEADS[from]![event] ?? before.state);
    expect(actor.getSnapshot().status).toBe('active');
    // What is looked up or called off reaches who does the work, or is answered: nothing is dropped.
    const passed = work.slice(before.work).map(({ type }) => type);
    if (event === 'look up' && from === 'off') expect(reports).toEqual([EVENTS['missed']]);
    else if (event === 'look up') expect(passed).toEqual(['cache.look_up']);
    if (event === 'cancel') expect(passed).toEqual(['request.cancel']);
    if (event === 'release') expect(passed).toEqual(['cache.release']);
    if (event === 'missed' || event === 'settled') expect(reports).toEqual([EVENTS[event]]);
  });
});

describe('the tiers', () => {
  it.each([
    ['warming', false],
    ['ready', true],
    ['ready, exact only', false],
    ['degraded', false],
  ])('%s: semantic is %s', (from, isSemantic) => {
    const { send, work } = bound();
    send(...PATHS[from]!, 'look up');
    expect(work.at(-1)).toEqual({ type: 'cache.look_up', slip, isSemantic, at: 1 });
  });

  it('without a cache, who wants an answer from it only is told that there is none', () => {
    const { actor, reports } = bound();
    const only = slipAsking(ASKED_ONLY);
    actor.send({ type: 'cache.look_up', slip: only, at: 3 } as CacheCommand);
    expect(reports).toEqual([{ type: 'cache.settled', slip: only, verdict: 'cache_miss', at: 3 }]);
  });
});

describe('the embedder', () => {
  it('is loaded on entering, and again after a while when it could not be had', async () => {
    const { send, work, state, clock, changes, actor } = bound();
    send('enable with an embedder');
    expect(work).toEqual([{ type: 'embedder.load' }]);
    send('not to be had');
    expect(actor.getSnapshot().context.lack).toEqual({ reason: 'gone', retryAt: 1_001 });
    await clock.advance(999);
    expect(state()).toBe('degraded');
    await clock.advance(1);
    expect(state()).toBe('warming');
    expect(work).toHaveLength(2);
    send('loaded');
    expect(actor.getSnapshot().context).toMatchObject({ lack: null, failures: 0 });
    expect(changes).toEqual([
      { from: 'off', to: 'warming', at: 0 },
      { from: 'warming', to: 'degraded', reason: 'gone', at: 1 },
      { from: 'degraded', to: 'warming', at: 1_001 },
      { from: 'warming', to: 'ready', at: 1 },
    ]);
  });

  it('is taken for gone after five failures in a row', () => {
    const { send, state, actor, changes } = bound();
    send(...PATHS['ready']!, 'failed', 'failed', 'failed', 'failed', 'succeeded');
    expect(actor.getSnapshot().context.failures).toBe(0);
    send('failed', 'failed', 'failed', 'failed');
    expect(state()).toBe('ready');
    send('failed');
    expect(state()).toBe('degraded');
    expect(actor.getSnapshot().context.failures).toBe(0);
    expect(changes.at(-1)).toEqual({ from: 'ready', to: 'degraded', reason: 'slow', at: 1 });
  });
});
