import { describe, expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import {
  type CallPort,
  type CallResult,
  createRequest,
  createSlotLogic,
  createTimersLogic,
  modelMachine,
  type RequestSettled,
  type RouterRef,
  requestDesk,
  routerMachine,
  type TakesRequests,
} from '../../machines/index.ts';
import type { Slip } from '../../src/routing/slip.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

interface ScriptedCall {
  readonly model: string;
  readonly prompt: string | undefined;
  aborted: string | null;
  end(result: CallResult): void;
}

/** The chart with ports of its user's, two of it as children of one machine. */
function createSystem() {
  const clock = new VirtualClock();
  const prompts = new Map<string, string>();
  const calls: ScriptedCall[] = [];
  const port: CallPort = {
    start(slip, model, observer) {
      const call: ScriptedCall = { model, prompt: prompts.get(slip.id), aborted: null, end: (r) => observer.ended(r) };
      calls.push(call);
      return {
        abort(reason) {
          call.aborted = reason;
        },
      };
    },
  };
  const bound = routerMachine.provide({
    actors: {
      model: modelMachine.provide({ actors: { slot: createSlotLogic(port, clock) } }),
      timers: createTimersLogic(clock),
    },
  });
  const system = setup({ types: { context: {} as Record<'left' | 'right', RouterRef> } }).createMachine({
    context: ({ spawn }) => ({ left: spawn(bound), right: spawn(bound) }),
  });
  const parent = createActor(system, { clock }).start();
  return { calls, clock, parent, prompts, ...parent.getSnapshot().context };
}

/** A counter at which prompts are handed in. */
function openDesk(actor: RouterRef, { clock, prompts }: ReturnType<typeof createSystem>): TakesRequests<string> {
  let seq = 0;
  return {
    [requestDesk]: {
      actor,
      now: clock.now,
      number: () => ({ seq: ++seq, id: `${actor.sessionId}-${seq}` }),
      read: (prompt) => ({
        priority: 'normal',
        timeoutMs: 1_000,
        defaultTimeoutMs: 1_000,
        isStreamed: false,
        totalTimeoutMs: undefined,
        cache: null,
        wantsVector: false,
        whenUnavailable: undefined,
        maxRetries: undefined,
        defaultMaxRetries: 0,
        onStreamFailure: undefined,
        strategy: undefined,
        maxTokens: undefined,
        promptTokens: () => 0,
        keep: ({ id }: Slip) => void prompts.set(id, prompt),
      }),
      unknownModel: (name) => new Error(`no model ${name}`),
    },
  };
}

const LIMITS = { maxConcurrency: 1, maxQueueDepth: 5, attemptTimeoutMs: 60_000, abortGraceMs: 1_000 };

function addModel(actor: RouterRef, name: string): RequestSettled[] {
  actor.send({ type: 'model.add', input: { name, limits: LIMITS, breaker: null } });
  const settled: RequestSettled[] = [];
  actor.on('request.settled', (event) => settled.push(event));
  return settled;
}

describe('routerMachine with ports of its user’s', () => {
  it('routes, fails over and settles inside a bigger system', () => {
    const system = createSystem();
    const { calls, left } = system;
    const settled = addModel(left, 'a');
    addModel(left, 'b');
    const { id, request } = createRequest(openDesk(left, system), 'hi');
    left.send(request);
    expect(calls).toMatchObject([{ model: 'a', prompt: 'hi' }]);
    calls[0]!.end({ outcome: 'failure', status: 503 });
    expect(calls[1]).toMatchObject({ model: 'b', prompt: 'hi' });
    calls[1]!.end({ outcome: 'success' });

    expect(settled).toMatchObject([{ id, settlement: { verdict: 'served', model: 'b', at: 0 } }]);
    expect(settled[0]!.settlement.slip!.attempts).toMatchObject([
      { model: 'a', outcome: 'failure', status: 503 },
      { model: 'b', outcome: 'success' },
    ]);
  });

  it('does not clash with another one beside it', () => {
    const system = createSystem();
    const { calls, left, right, parent } = system;
    const heard = { left: addModel(left, 'm'), right: addModel(right, 'm') };
    left.send(createRequest(openDesk(left, system), 'to the left').request);
    right.send(createRequest(openDesk(right, system), 'to the right').request);
    expect(calls.map(({ prompt }) => prompt)).toEqual(['to the left', 'to the right']);
    calls[1]!.end({ outcome: 'success' });
    expect([heard.left.length, heard.right.length]).toEqual([0, 1]);
    calls[0]!.end({ outcome: 'success' });
    expect([heard.left.length, heard.right.length]).toEqual([1, 1]);
    expect(parent.system.getAll()).toEqual({});
    expect(parent.getSnapshot().status).toBe('active');
  });

  it('keeps a deadline by the clock of its ports, and lets go of everything when its parent stops', async () => {
    const system = createSystem();
    const { calls, clock, left, parent } = system;
    const settled = addModel(left, 'm');
    const desk = openDesk(left, system);
    left.send(createRequest(desk, 'slow').request);
    await clock.advance(1_000);
    expect(settled).toMatchObject([{ settlement: { verdict: 'deadline', at: 1_000 } }]);
    expect(calls[0]!.aborted).toBe('deadline');

    calls[0]!.end({ outcome: 'cancelled' });
    left.send(createRequest(desk, 'cut').request);
    parent.stop();
    expect(calls[1]!.aborted).toBe('router_stopped');
    expect(clock.pending).toBe(0);
  });
});
