import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackendError, SnapshotError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const models = {
  counted: { breaker: { policy: 'count', windowSize: 20, minimumCalls: 10 } },
  timed: { breaker: { policy: 'time', minimumCalls: 10 } },
  open: { breaker: { failureThreshold: 1 } },
  limited: {},
} as const;

/** A router whose snapshot has something in every field. */
async function eventful() {
  const rig = createRig(models);
  await rig.fail('counted', 3);
  await rig.fail('timed', 3);
  await rig.fail('open', 1);
  rig.ask({ model: 'limited', timeoutMs: 100 });
  rig.backends.limited.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 5_000 }));
  await settled();
  return rig;
}

// biome-ignore lint/suspicious/noExplicitAny: broken in every way that the type forbids
type Anything = any;
const copyOf = (value: unknown): Anything => JSON.parse(JSON.stringify(value));

const BROKEN: Readonly<Record<string, (snapshot: Anything) => unknown>> = {
  'of a newer release': (snapshot) => ({ ...snapshot, version: 2 }),
  'of no release': ({ version: _, ...rest }) => rest,
  'of release "1"': (snapshot) => ({ ...snapshot, version: '1' }),
  'without models': ({ models: _, ...rest }) => rest,
  'with a list of models': (snapshot) => ({ ...snapshot, models: Object.values(snapshot.models) }),
  'with a model that is nothing': (snapshot) => ({ ...snapshot, models: { ...snapshot.models, open: null } }),
  'with a field too many': (snapshot) => ({ ...snapshot, models: { open: { ...snapshot.models.open, extra: 1 } } }),
  'that is itself too many fields': (snapshot) => ({ ...snapshot, extra: 1 }),
  'with an unknown state': (snapshot) => spoilt(snapshot, 'open', { state: 'ajar' }),
  'with a time that is text': (snapshot) => spoilt(snapshot, 'open', { reopenAt: '2026-01-01' }),
  'with a time that is no number': (snapshot) => spoilt(snapshot, 'open', { reopenAt: Number.NaN }),
  'with an infinite time': (snapshot) => spoilt(snapshot, 'open', { reopenAt: Number.POSITIVE_INFINITY }),
  'with half a failure': (snapshot) => spoilt(snapshot, 'open', { failures: 0.5 }),
  'with failures below 0': (snapshot) => spoilt(snapshot, 'open', { failures: -1 }),
  'with openings below 0': (snapshot) => spoilt(snapshot, 'open', { opens: -1 }),
  'with a limit that is no number': (snapshot) => spoilt(snapshot, 'limited', { limitedUntil: Number.NaN }),
  'with limits below 0': (snapshot) => spoilt(snapshot, 'limited', { limits: -3 }),
  'with an unknown cause': (snapshot) =>
    spoilt(snapshot, 'open', { lastTrip: { cause: 'fate', failures: 1, slow: 0, total: 1 } }),
  'with a window of an unknown kind': (snapshot) => spoiltWindow(snapshot, 'counted', { kind: 'guessed' }),
  'with a window of no size': (snapshot) => spoiltWindow(snapshot, 'counted', { size: 0 }),
  'with a window of no length': (snapshot) => spoiltWindow(snapshot, 'timed', { windowMs: 0 }),
  'with a window whose next place is outside': (snapshot) => spoiltWindow(snapshot, 'counted', { next: 20 }),
  'with more results than its window holds': (snapshot) =>
    spoiltWindow(snapshot, 'counted', { tally: { total: 21, failures: 3, slow: 0 } }),
  'with more failures than results': (snapshot) =>
    spoiltWindow(snapshot, 'counted', { tally: { total: 3, failures: 4, slow: 0 } }),
  'with more slow calls than results': (snapshot) =>
    spoiltWindow(snapshot, 'counted', { tally: { total: 3, failures: 3, slow: 4 } }),
  'with a slice of more failures than results': (snapshot) =>
    spoiltWindow(snapshot, 'timed', { slices: [{ at: snapshot.takenAt, tally: { total: 1, failures: 9, slow: 0 } }] }),
  'with a window that has results and no words': (snapshot) => spoiltWindow(snapshot, 'counted', { words: [] }),
  'with a window whose next place is not behind its last': (snapshot) => spoiltWindow(snapshot, 'counted', { next: 9 }),
  'with a window that tells of other failures': (snapshot) =>
    spoiltWindow(snapshot, 'counted', { tally: { total: 3, failures: 2, slow: 0 } }),
  'with more openings than can be counted': (snapshot) => spoilt(snapshot, 'open', { opens: Number.MAX_SAFE_INTEGER }),
  'with words that are no integers': (snapshot) => spoiltWindow(snapshot, 'counted', { words: [0.5] }),
  'with a million words': (snapshot) => spoiltWindow(snapshot, 'counted', { words: Array(1_000_000).fill(0) }),
};

function spoilt(snapshot: Anything, model: string, fields: object): Anything {
  return { ...snapshot, models: { ...snapshot.models, [model]: { ...snapshot.models[model], ...fields } } };
}
const spoiltWindow = (snapshot: Anything, model: string, fields: object): Anything =>
  spoilt(snapshot, model, { window: { ...snapshot.models[model].window, ...fields } });

describe('restore()', () => {
  it.each(Object.keys(BROKEN))('refuses a snapshot %s, and changes nothing', async (what) => {
    const { router, heard } = await eventful();
    const changes = heard('breaker.changed');
    const before = router.snapshot();
    const status = router.getModelStatus();
    const error = caught(() => router.restore(BROKEN[what]!(copyOf(before)) as Anything));
    expect(error).toBeInstanceOf(SnapshotError);
    expect(error).toMatchObject({ code: 'snapshot_invalid', message: expect.stringContaining('restore()') });
    expect(router.snapshot()).toEqual(before);
    expect(router.getModelStatus()).toEqual(status);
    expect(changes).toEqual([]);
  });

  it('refuses whatever else it is given, and changes nothing', async () => {
    const { router } = await eventful();
    const before = router.snapshot();
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
        (value) => {
          expect(caught(() => router.restore(value as Anything))).toBeInstanceOf(SnapshotError);
        },
      ),
      { numRuns: 300, seed: 3 },
    );
    expect(router.snapshot()).toEqual(before);
  });

  it('refuses or survives a snapshot of which any one value is replaced', async () => {
    const { clock, router } = await eventful();
    const before = copyOf(router.snapshot());
    const paths = pathsOf(before);
    const junk = fc.oneof(
      fc.constantFrom(null, -1, 0, 0.5, 1e300, -1e300, Number.NaN, '', 'open', true, [], {}),
      fc.integer(),
      fc.anything({ maxDepth: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), junk, async (path, value) => {
        const given = copyOf(before);
        const parent = path.slice(0, -1).reduce((part, key) => part[key], given);
        parent[path.at(-1)!] = value;
        const fresh = createRig(models);
        const untouched = fresh.router.snapshot();
        const error = caught(() => fresh.router.restore(given));
        if (error !== undefined) {
          expect(error).toBeInstanceOf(SnapshotError);
          expect(fresh.router.snapshot()).toEqual(untouched);
        }
        // Whatever it has believed, it serves or refuses, and its figures are numbers.
        for (const model of Object.keys(models)) fresh.ask({ model, timeoutMs: 1_000 });
        await fresh.clock.advance(4_000_000);
        expect(JSON.stringify(fresh.router.snapshot())).not.toMatch(
          /"(failures|slow|total|opens|closedAt|limits|next|size)":null/,
        );
        for (const model of Object.keys(models)) {
          const { state, failureCount, opens } = fresh.router.getModelStatus()[model]!.circuitBreaker;
          expect([state, Number.isFinite(failureCount), Number.isFinite(opens)]).toEqual([
            expect.any(String),
            true,
            true,
          ]);
          expect(state).not.toBe('open');
        }
      }),
      { numRuns: 80, seed: 5 },
    );
    expect(clock.now()).toBe(0);
  });

  it('says which names it knows no model of, and leaves models alone that the snapshot does not know', async () => {
    const { router } = await eventful();
    const next = createRig({ open: {}, fresh: {} });
    await next.fail('fresh', 2);
    expect(next.router.restore(router.snapshot())).toEqual({
      restored: ['open'],
      ignored: ['counted', 'timed', 'limited'],
    });
    expect(next.router.getModelStatus()['fresh']!.circuitBreaker.failureCount).toBe(2);
  });

  it('takes no name for a model that only the language knows', async () => {
    const { router } = createRig({ m: {} });
    const memo = copyOf(router.snapshot()).models.m;
    const given = JSON.parse(
      `{"version":1,"takenAt":0,"models":{"__proto__":${JSON.stringify(memo)},"constructor":${JSON.stringify(memo)}}}`,
    );
    expect(router.restore(given)).toMatchObject({ restored: [] });
    expect(({} as Record<string, unknown>)['state']).toBeUndefined();
  });

  it('begins a window anew whose policy or size has changed', async () => {
    const { router } = await eventful();
    const next = createRig({
      counted: { breaker: { policy: 'count', windowSize: 30 } },
      timed: { breaker: { policy: 'count' } },
      open: { breaker: { policy: 'time' } },
    });
    next.router.restore(router.snapshot());
    const counts = Object.values(next.router.getModelStatus()).map(({ circuitBreaker }) => circuitBreaker.failureCount);
    expect(counts).toEqual([0, 0, 0]);
    expect(next.breaker('open')).toBe('open');
  });

  it('switches no breaker on that is off, and leaves what an operator took out', async () => {
    const first = createRig({ a: {}, b: { breaker: { failureThreshold: 1 } } });
    first.router.forceOpen('a');
    await first.fail('b', 1);
    const next = createRig({ a: { breaker: false }, b: { breaker: false } });
    next.router.restore(first.router.snapshot());
    expect([next.breaker('a'), next.breaker('b')]).toEqual(['forced_open', 'forced_closed']);
  });

  it('leaves a breaker on that was switched off before', async () => {
    const first = createRig({ m: { breaker: false } });
    const next = createRig({ m: { breaker: { failureThreshold: 1 } } });
    next.router.restore(first.router.snapshot());
    await next.fail('m', 1);
    expect(next.breaker('m')).toBe('open');
  });

  it('opens no breaker that only observes', async () => {
    const { router } = await eventful();
    const next = createRig({ open: { breaker: { observe: true } } });
    next.router.restore(router.snapshot());
    expect(next.breaker('open')).toBe('closed');
  });

  it('ends a limit that holds when the snapshot knows of none: the model is not held for ever', async () => {
    const rig = createRig({ m: {} });
    const calm = rig.router.snapshot();
    rig.ask({ timeoutMs: 100 });
    rig.backends.m.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 5_000 }));
    await settled();
    rig.router.restore(calm);
    expect(rig.router.getModelStatus()['m']).toMatchObject({ limitedUntil: null, queueState: 'accepting' });
  });

  it('announces each breaker that it restores', async () => {
    const { router } = await eventful();
    const next = createRig({ open: {} });
    const changes = next.heard('breaker.changed');
    next.router.restore(router.snapshot());
    expect(changes).toMatchObject([
      { model: 'open', from: 'closed', to: 'open', cause: 'restored', openForMs: 60_000 },
    ]);
  });
});

function caught(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}
