import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { PRIORITY_CLASSES } from '../../src/queue/priority.ts';
import { idleSlots } from '../support/exploration.ts';
import { type Asked, createRig, type Rig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const COMMANDS = ['pause', 'resume', 'drain', 'forceOpen', 'forceClosed', 'reset'] as const;
const STATUS = { fail: 500, refuse: 400, limit: 429 } as const;

type Step =
  | {
      readonly kind: 'ask';
      readonly priority: (typeof PRIORITY_CLASSES)[number];
      readonly streams: boolean;
      readonly waits: boolean;
    }
  | { readonly kind: 'abort' | 'finish' | 'push' | keyof typeof STATUS; readonly nth: number }
  | { readonly kind: (typeof COMMANDS)[number] }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      priority: fc.constantFrom(...PRIORITY_CLASSES),
      streams: fc.boolean(),
      waits: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('abort', 'finish', 'finish', 'fail', 'refuse', 'limit', 'push'),
      nth: fc.nat(1_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom(...COMMANDS) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 400, 700, 3_000, 12_000) }),
  },
);

const isCommand = (step: Step): step is Extract<Step, { kind: (typeof COMMANDS)[number] }> =>
  (COMMANDS as readonly string[]).includes(step.kind);

const CAPACITY = { maxConcurrency: 3, maxQueueDepth: 6 };

function expectWhole({ router }: Rig<'m'>): void {
  const { context } = router.actor.getSnapshot().context.models['m']!.getSnapshot();
  const { running, lingering, waitingCount } = context.load;
  expect(running + lingering + idleSlots(context).length).toBe(CAPACITY.maxConcurrency);
  expect(running).toBe(context.load.calls.filter((call) => call !== null).length);
  expect(running + waitingCount).toBeLessThanOrEqual(CAPACITY.maxQueueDepth);
}

describe('the slots of a model', () => {
  it('P29 are all running, lingering or idle after any interleaving, and all idle in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
        const rig = createRig({
          m: {
            ...CAPACITY,
            abortGraceMs: 500,
            attemptTimeoutMs: 2_000,
            breaker: { failureThreshold: 3, successThreshold: 1, recoveryTimeoutMs: 2_500, halfOpenMaxProbes: 2 },
          },
        });
        const { m } = rig.backends;
        const asked: Asked[] = [];
        const nth = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)];
        for (const next of steps) {
          if (next.kind === 'ask') {
            const whenUnavailable = next.waits ? 'wait' : 'fail';
            const options = { priority: next.priority, timeoutMs: 10_000, whenUnavailable } as const;
            asked.push(next.streams ? rig.watch(options) : rig.ask(options));
          } else if (next.kind === 'wait') await rig.clock.advance(next.ms);
          else if (isCommand(next)) rig.router[next.kind]('m');
          else if (next.kind === 'abort') nth(asked, next.nth)?.abort();
          else if (next.kind === 'push') nth(m.streams, next.nth)?.push('x');
          else {
            const call = nth([...m.calls.map((call) => ({ ...call, end: call.succeed })), ...m.streams], next.nth);
            if (next.kind === 'finish') call?.end();
            else call?.fail(new BackendError('no', { status: STATUS[next.kind], retryAfterMs: 700 }));
          }
          await settled();
          expectWhole(rig);
        }
        await rig.clock.advance(60_000);
        expectWhole(rig);
        // Whoever was parked or held had a deadline.
        expect(rig.router.actor.getSnapshot().context.parked.count).toBe(0);
        expect(asked.filter(({ isSettled }) => !isSettled)).toEqual([]);
        expect(rig.router.getModelStatus()['m']).toMatchObject({ queueDepth: 0, running: 0, lingering: 0 });
        await rig.router.stop();
        expect(rig.clock.pending).toBe(0);
      }),
      { numRuns: 100, seed: 29 },
    );
  });
});
