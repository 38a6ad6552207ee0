import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import type { GenerateOptions } from '../../src/generate-options.ts';
import type { Explanation } from '../../src/routing/explain.ts';
import { STRATEGIES } from '../../src/routing/strategy.ts';
import type { Rig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';
import { fateOf, foretold, NAMES, type Name, newRig, take } from './fate.ts';

interface State {
  readonly reach: (rig: Rig<Name>) => unknown;
  readonly options?: GenerateOptions;
  readonly expected: Omit<Partial<Explanation>, 'candidates'> & { readonly candidates: readonly object[] };
}

const critical = { model: 'a', priority: 'critical' } as const;
const limit = async ({ ask, backends }: Rig<Name>): Promise<void> => {
  ask({ model: 'a', timeoutMs: 100 });
  backends.a.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 3_000 }));
  await settled();
};
const halfOpen = async (rig: Rig<Name>): Promise<void> => {
  await rig.fail('a', 2);
  await rig.clock.advance(5_000);
};
const park = async (rig: Rig<Name>, count: number): Promise<void> => {
  await rig.fail('a', 2);
  for (let parked = 0; parked < count; parked++) rig.ask({ model: 'a', whenUnavailable: 'wait' });
};

const fails = (code: NonNullable<Explanation['code']>, candidate: object): State['expected'] => ({
  outcome: 'fail',
  code,
  model: null,
  candidates: [{ model: 'a', verdict: 'skip', ...candidate }],
});
const open = { reason: 'circuit_open', retryAfterMs: 5_000 };

/** What becomes of a request that only model a may serve. */
const STATES: Readonly<Record<string, State>> = {
  'closed and free': {
    reach: () => {},
    expected: { outcome: 'admit', model: 'a', candidates: [{ model: 'a', verdict: 'admit', predictedWaitMs: 0 }] },
  },
  'closed and busy': {
    reach: ({ ask }) => ask({ model: 'a' }),
    expected: { outcome: 'queue', model: 'a', candidates: [{ model: 'a', verdict: 'queue', predictedWaitMs: 0 }] },
  },
  'full of what does not give way': {
    reach: ({ ask }) => [ask(critical), ask(critical)],
    expected: fails('queue_full', { reason: 'queue_full' }),
  },
  'full of what gives way': {
    reach: ({ ask }) => [ask({ model: 'a' }), ask({ model: 'a', priority: 'low' })],
    options: critical,
    expected: {
      outcome: 'displace',
      model: 'a',
      candidates: [{ model: 'a', verdict: 'displace', predictedWaitMs: 0 }],
    },
  },
  open: { reach: ({ fail }) => fail('a', 2), expected: fails('no_model_available', open) },
  'forced open': {
    reach: ({ router }) => router.forceOpen('a'),
    expected: fails('no_model_available', { reason: 'circuit_open' }),
  },
  'half-open with a free probe': {
    reach: halfOpen,
    expected: { outcome: 'admit', model: 'a', candidates: [{ model: 'a', verdict: 'admit' }] },
  },
  'half-open without a free probe': {
    reach: async (rig) => {
      await halfOpen(rig);
      rig.ask({ model: 'a' });
    },
    expected: fails('no_model_available', { reason: 'half_open', retryAfterMs: 30_000 }),
  },
  paused: { reach: ({ router }) => router.pause('a'), expected: fails('no_model_available', { reason: 'paused' }) },
  draining: {
    reach: ({ ask, router }) => [ask({ model: 'a' }), router.drain('a')],
    expected: fails('no_model_available', { reason: 'draining' }),
  },
  'rate limited until before its deadline': {
    reach: limit,
    expected: {
      outcome: 'wait_for_limit',
      model: 'a',
      candidates: [{ model: 'a', verdict: 'skip', reason: 'rate_limited', retryAfterMs: 3_000 }],
    },
  },
  'rate limited until its deadline': {
    reach: limit,
    options: { model: 'a', timeoutMs: 3_000 },
    expected: fails('rate_limited', { reason: 'rate_limited', retryAfterMs: 3_000 }),
  },
  'too busy for its deadline': {
    reach: async (rig) => {
      await take(rig, { kind: 'train', model: 'a' });
      rig.ask({ model: 'a' });
    },
    options: { model: 'a', timeoutMs: 499 },
    expected: fails('deadline_unreachable', { reason: 'deadline_unreachable', predictedWaitMs: 500 }),
  },
  'open, and it waits': {
    reach: (rig) => park(rig, 1),
    options: { model: 'a', whenUnavailable: 'wait' },
    expected: { outcome: 'park', model: null, candidates: [{ model: 'a', verdict: 'skip', ...open }] },
  },
  'open until its deadline, and it would wait': {
    reach: (rig) => park(rig, 0),
    options: { model: 'a', whenUnavailable: 'wait', timeoutMs: 5_000 },
    expected: fails('no_model_available', open),
  },
  'open, and the parking lot is full': {
    reach: (rig) => park(rig, 2),
    options: { model: 'a', whenUnavailable: 'wait' },
    expected: fails('no_model_available', open),
  },
  'open, and the parking lot is full of what gives way': {
    reach: (rig) => park(rig, 2),
    options: { ...critical, whenUnavailable: 'wait' },
    expected: { outcome: 'park', model: null, candidates: [{ model: 'a', verdict: 'skip', ...open }] },
  },
};

describe('explain()', () => {
  it.each(Object.keys(STATES))('foretells what becomes of a request whose model is %s', async (name) => {
    const { reach, options = { model: 'a' }, expected } = STATES[name]!;
    const rig = newRig();
    await reach(rig);
    await settled();
    const explanation = rig.router.explain('hi', options);
    expect(explanation).toMatchObject(expected);
    expect(await fateOf(rig, options)).toEqual(foretold(explanation));
  });

  it.each(STRATEGIES)('gives the order in which %s asks next, and takes no turn and no draw', async (strategy) => {
    const { ask, backends, router } = newRig();
    const options = { model: `${strategy}:all` };
    for (let round = 0; round < 12; round++) {
      const [first] = router.explain('hi', options).candidates;
      for (let again = 0; again < 3; again++) expect(router.explain('hi', options).candidates[0]).toEqual(first);
      ask(options);
      const call = NAMES.flatMap((name) => backends[name].calls.slice(round === 0 ? 0 : -1)).find(
        ({ context }) => context.requestId === `req-${round + 1}`,
      );
      expect(call?.context.model).toBe(first!.model);
      call!.succeed();
      await settled();
    }
    expect(router.getStats().totalRequests).toBe(12);
  });

  it('tells of every candidate, also of those behind the one that takes it, and which rule matched', () => {
    const { router } = newRig();
    router.pause('b').pause('c');
    expect(router.explain('hi', { metadata: { rule: 'ordered' }, priority: 'high' })).toMatchObject({
      rule: 'ordered:some',
      class: 'high',
      outcome: 'admit',
      model: 'a',
      candidates: [
        { model: 'a', verdict: 'admit' },
        { model: 'b', verdict: 'skip', reason: 'paused' },
        { model: 'c', verdict: 'skip', reason: 'paused' },
      ],
    });
    expect(router.explain('hi', { model: 'c' })).toMatchObject({ rule: null, candidates: [{ model: 'c' }] });
  });

  it('refuses what generate() refuses, and a stopped router explains nothing', async () => {
    const { router } = newRig();
    expect(() => router.explain('hi', { model: 'd' })).toThrow(expect.objectContaining({ code: 'model_unknown' }));
    expect(() => router.explain('hi', { temperature: 9 })).toThrow(
      expect.objectContaining({ code: 'request_invalid', field: 'temperature' }),
    );
    await router.stop();
    expect(() => router.explain('hi')).toThrow(expect.objectContaining({ code: 'router_stopped' }));
  });
});
