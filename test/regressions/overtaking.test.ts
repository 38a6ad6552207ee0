import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackendContext, LLMRequest } from '../../src/backends/backend.ts';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { DEFAULT_BOOSTS, isLowerClass, PRIORITY_CLASSES, type PriorityClass } from '../../src/queue/priority.ts';
import type { WhenUnavailable } from '../../src/routing/slip.ts';
import { ask, createRig } from '../support/rig.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

type Step =
  | { readonly kind: 'ask'; readonly priority: PriorityClass }
  | { readonly kind: 'finish' | 'limit'; readonly nth: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'pause' | 'resume' };

interface Case {
  readonly maxConcurrency: number;
  readonly maxQueueDepth: number;
  readonly steps: readonly Step[];
}

const FOR_EVER = 1e9;
const ms = fc.constantFrom(1, 900, 5_000, 5_001, 15_000, 39_999, 40_001, 61_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('ask' as const), priority: fc.constantFrom(...PRIORITY_CLASSES) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish' as const), nth: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('limit' as const), nth: fc.nat(10) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const, 'resume' as const) }),
  },
);
const cases: fc.Arbitrary<Case> = fc.record({
  maxConcurrency: fc.integer({ min: 1, max: 3 }),
  maxQueueDepth: fc.constantFrom(3, 4, 6, 1_000),
  steps: fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }),
});

interface Known {
  readonly seq: number;
  readonly arrival: number;
  readonly priority: PriorityClass;
  /** `parked`: outside the model; what waits at the model when it comes back starts first. */
  state: 'waiting' | 'parked' | 'running' | 'over';
}

const boostOf = ({ priority }: Known): number => DEFAULT_BOOSTS[priority];
const orderKey = (known: Known): number => known.arrival - boostOf(known);

/** Runs a case and judges every start and every displacement at the moment it happens; gives how often each was seen. */
async function run({ maxConcurrency, maxQueueDepth, steps }: Case, whenUnavailable: WhenUnavailable) {
  const clock = new VirtualClock();
  const known = new Map<string, Known>();
  const seen = { starts: 0, overtakings: 0, displacements: 0 };
  const faults: string[] = [];
  const judge = (own: Known): void => {
    seen.starts++;
    for (const other of known.values()) {
      if (other.state !== 'waiting' || other === own || other.seq > own.seq) continue;
      seen.overtakings++;
      const lead = own.arrival - other.arrival;
      if (lead > boostOf(own) - boostOf(other)) faults.push(`${JSON.stringify(own)} before ${JSON.stringify(other)}`);
    }
    own.state = 'running';
  };
  class JudgedBackend extends ScriptedBackend {
    override generate(request: LLMRequest, context: BackendContext) {
      judge(known.get(context.requestId)!);
      return super.generate(request, context);
    }
  }
  const backend = new JudgedBackend();
  const router = new LLMRouter({ clock, seed: 1 });
  const breaker = { halfOpenMaxProbes: 2 };
  router.addModel('m', {
    backend,
    maxConcurrency: Math.min(maxConcurrency, maxQueueDepth),
    maxQueueDepth,
    breaker,
    attemptTimeoutMs: FOR_EVER,
  });
  router.on('request.settled', ({ requestId }) => {
    known.get(requestId)!.state = 'over';
  });
  router.on('request.parked', ({ requestId }) => {
    known.get(requestId)!.state = 'parked';
  });
  router.on('request.displaced', ({ requestId, byRequestId }) => {
    seen.displacements++;
    const [victim, newcomer] = [known.get(requestId)!, known.get(byRequestId)!];
    if (!isLowerClass(victim.priority, newcomer.priority) || orderKey(victim) < orderKey(newcomer)) {
      faults.push(`${JSON.stringify(newcomer)} instead of ${JSON.stringify(victim)}`);
    }
  });
  const runningCall = (nth: number) => {
    const running = backend.calls.filter(({ context }) => known.get(context.requestId)!.state === 'running');
    const call = running[nth % Math.max(1, running.length)];
    return call && { call: backend.of(call.context.requestId), known: known.get(call.context.requestId)! };
  };
  const take = async (step: Step): Promise<void> => {
    if (step.kind === 'ask') {
      const seq = known.size + 1;
      known.set(`req-${seq}`, { seq, arrival: clock.now(), priority: step.priority, state: 'waiting' });
      ask(router, { priority: step.priority, timeoutMs: FOR_EVER, whenUnavailable });
    } else if (step.kind === 'wait') {
      await clock.advance(step.ms);
    } else if (step.kind === 'finish') {
      runningCall(step.nth)?.call.succeed();
    } else if (step.kind === 'limit') {
      const met = runningCall(step.nth);
      if (met !== undefined) met.known.state = 'waiting';
      met?.call.fail(new BackendError('slow down', { status: 429, retryAfterMs: 5_000 }));
    } else {
      router[step.kind]('m');
    }
    await settled();
  };
  for (const step of steps) await take(step);
  await take({ kind: 'resume' });
  await take({ kind: 'wait', ms: 3_600_000 });
  while (runningCall(0) !== undefined) await take({ kind: 'finish', nth: 0 });
  expect([...known.values()].filter(({ state }) => state !== 'over')).toEqual([]);
  return { faults, seen };
}

describe('random traffic with pauses and rate limits', () => {
  it.each([
    'fail',
    'wait',
  ] as const)('P31 lets nobody be passed over for longer than the difference of the boosts, nor be displaced when aged past the newcomer (%s)', async (whenUnavailable) => {
    const total = { starts: 0, overtakings: 0, displacements: 0 };
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const { faults, seen } = await run(given, whenUnavailable);
        for (const key of ['starts', 'overtakings', 'displacements'] as const) total[key] += seen[key];
        expect(faults).toEqual([]);
      }),
      { numRuns: 80, seed: 31 },
    );
    // Else it has proved nothing.
    expect(total.overtakings).toBeGreaterThan(200);
    expect(total.displacements).toBeGreaterThan(30);
  });

  it('P31 lets no newcomer wait for the end of a limit in front of a more important one that was parked before', async () => {
    const { ask: request, backends, clock, router } = createRig({ m: { maxConcurrency: 1 } });
    request({ priority: 'critical', whenUnavailable: 'wait' }, 'critical');
    router.pause('m');
    backends.m.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 5_000 }));
    await settled();
    router.resume('m');
    request({ priority: 'low' }, 'low');
    await clock.advance(5_000);
    expect(backends.m.last.request.prompt).toBe('critical');
  });
});
