import { describe, expect, it } from 'vitest';
import { createActor, createMachine, fromCallback } from 'xstate';
import type { CallEvent, ModelReportEvent, SlotCommand } from '../../machines/events.ts';
import type { ModelInput, SlotInput } from '../../machines/model/context.ts';
import type { ModelEmitted } from '../../machines/model/emitted.ts';
import { modelMachine } from '../../machines/model/model.machine.ts';
import { routerMachine } from '../../machines/router.machine.ts';
import { DEFAULT_BREAKER } from '../../src/breaker/options.ts';
import type { Slip } from '../../src/routing/slip.ts';
import { slipWith } from '../support/slips.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

type Start = Extract<SlotCommand, { type: 'call.start' }>;

function setUp(given: Partial<ModelInput['limits']> = {}, machine = modelMachine) {
  const clock = new VirtualClock();
  const started: Start[] = [];
  const stopped: string[] = [];
  const running = new Map<string, { readonly slot: number; readonly start: Start }>();
  const slot = fromCallback<SlotCommand, SlotInput>(({ input, receive }) => {
    receive((command) => {
      if (command.type !== 'call.start') {
        stopped.push(command.type === 'call.cancel' ? command.id : 'given up');
        return;
      }
      started.push(command);
      running.set(command.slip.id, { slot: input.slot, start: command });
    });
  });
  const reports: ModelReportEvent[] = [];
  const emitted: ModelEmitted[] = [];
  const router = createActor(
    fromCallback<ModelReportEvent>(({ receive }) => receive((event) => reports.push(event))),
  ).start();
  const limits = { maxConcurrency: 1, maxQueueDepth: 3, attemptTimeoutMs: 60_000, abortGraceMs: 1_000, ...given };
  const breaker = { ...DEFAULT_BREAKER, failureThreshold: 2, recoveryTimeoutMs: 1_000, openJitter: 0 };
  const model = createActor(machine.provide({ actors: { slot } }) as typeof modelMachine, {
    input: { name: 'm', limits, breaker, reportTo: router },
    clock,
  });
  model.on('*', (event) => emitted.push(event));
  model.start();
  return {
    clock,
    reports,
    emitted,
    model,
    stopped,
    request: (slip: Slip) => model.send({ type: 'request', slip, at: clock.now() }),
    cancel: ({ id, seq, class: priority, arrival }: Slip) =>
      model.send({ type: 'request.cancel', id, seq, class: priority, arrival, reason: 'aborted', at: clock.now() }),
    end(id: string, type: CallEvent['type'], more: Partial<CallEvent> = {}) {
      const { slot: index, start } = running.get(id)!;
      const { slip, permit } = start;
      const event = { type, slot: index, slip, permit, at: clock.now(), lingers: false, interrupts: false, ...more };
      model.send(event as CallEvent);
    },
    started: () => started.map(({ slip }) => slip.id),
    told: () => reports.map((report) => `${report.type} ${'slip' in report ? report.slip.id : ''}`.trim()),
    state: () => model.getSnapshot().value,
  };
}

describe('a model', () => {
  it('starts what is waiting in order of class, not of arrival', () => {
    const { end, request, started } = setUp();
    request(slipWith({ seq: 1 }));
    request(slipWith({ seq: 2, class: 'low' }));
    request(slipWith({ seq: 3, class: 'critical' }));
    end('r1', 'call.succeeded');
    end('r3', 'call.succeeded');
    expect(started()).toEqual(['r1', 'r3', 'r2']);
  });

  it('gives the place of the last low request to a critical one', () => {
    const { emitted, request, reports } = setUp();
    request(slipWith({ seq: 1 }));
    request(slipWith({ seq: 2, class: 'low' }));
    request(slipWith({ seq: 3, class: 'low' }));
    request(slipWith({ seq: 4, class: 'critical' }));
    expect(reports).toMatchObject([{ type: 'model.returned', reason: 'displaced', slip: { id: 'r3' } }]);
    expect(emitted).toMatchObject([{ type: 'request.displaced', requestId: 'r3', byRequestId: 'r4' }]);
  });

  it('does not lose a slot when a success follows a failure', () => {
    const { end, request, state, started } = setUp();
    request(slipWith({ seq: 1 }));
    request(slipWith({ seq: 2 }));
    end('r1', 'call.failed');
    end('r2', 'call.succeeded');
    expect(state().queue).toBe('accepting');
    request(slipWith({ seq: 3 }));
    expect(started()).toEqual(['r1', 'r2', 'r3']);
  });

  it('does not use the slot of a call that lingers until it is free', () => {
    const { clock, end, model, request, started } = setUp();
    request(slipWith({ seq: 1 }));
    request(slipWith({ seq: 2 }));
    end('r1', 'call.failed', { lingers: true });
    expect(started()).toEqual(['r1']);
    model.send({ type: 'slot.freed', slot: 0, abandoned: true, at: clock.now() });
    expect(started()).toEqual(['r1', 'r2']);
  });

  it('opens, gives back what waits, probes when its time has come, and closes', async () => {
    const { clock, emitted, end, request, state, told } = setUp();
    request(slipWith({ seq: 1 }));
    request(slipWith({ seq: 2 }));
    request(slipWith({ seq: 3 }));
    end('r1', 'call.failed');
    end('r2', 'call.failed');
    expect(told()).toEqual([
      'model.failed r1',
      'model.available',
      'model.opened',
      'model.failed r2',
      'model.returned r3',
    ]);
    expect(state()).toMatchObject({ breaker: 'open', queue: 'blocked' });
    await clock.advance(1_000);
    for (const seq of [4, 5, 6]) {
      request(slipWith({ seq }));
      end(`r${seq}`, 'call.succeeded');
    }
    expect(state()).toMatchObject({ breaker: 'closed', queue: 'accepting' });
    expect(emitted.map((event) => event.type === 'breaker.changed' && `${event.from} ${event.to}`)).toEqual([
      'closed open',
      'open half_open',
      'half_open closed',
    ]);
  });

  it('moves nothing by a result from before the breaker opened, and says so', () => {
    const { emitted, end, request, state, told } = setUp({ maxConcurrency: 3 });
    for (const seq of [1, 2, 3]) request(slipWith({ seq }));
    end('r1', 'call.failed');
    end('r2', 'call.failed');
    end('r3', 'call.succeeded');
    expect(state().breaker).toBe('open');
    expect(emitted.at(-1)).toMatchObject({ type: 'result.stale', requestId: 'r3', outcome: 'success' });
    expect(told().at(-1)).toBe('model.succeeded r3');
  });

  it('takes one probe while half-open and tells the next when to come again', async () => {
    const { clock, end, reports, request, started } = setUp();
    request(slipWith({ seq: 1 }));
    request(slipWith({ seq: 2 }));
    end('r1', 'call.failed');
    end('r2', 'call.failed');
    request(slipWith({ seq: 3 }));
    expect(reports.at(-1)).toMatchObject({ reason: 'circuit_open', retryAfterMs: 1_000, slip: { id: 'r3' } });
    await clock.advance(1_000);
    request(slipWith({ seq: 4 }));
    await clock.advance(5_000);
    request(slipWith({ seq: 5 }));
    expect(started()).toEqual(['r1', 'r2', 'r4']);
    expect(reports.at(-1)).toMatchObject({ reason: 'half_open', retryAfterMs: 25_000, slip: { id: 'r5' } });
  });

  it('does not start what has no time left, but the next that has', async () => {
    const { clock, end, request, started, told } = setUp();
    request(slipWith({ seq: 1 }));
    request(slipWith({ seq: 2, deadline: 500 }));
    request(slipWith({ seq: 3 }));
    await clock.advance(500);
    end('r1', 'call.succeeded');
    expect(started()).toEqual(['r1', 'r3']);
    expect(told()).toEqual(['model.succeeded r1', 'model.available', 'model.returned r2']);
  });

  it('refuses a request that nobody gives way to', () => {
    const { reports, request } = setUp();
    for (const seq of [1, 2, 3, 4]) request(slipWith({ seq, class: 'low' }));
    expect(reports).toMatchObject([{ type: 'model.returned', reason: 'queue_full', slip: { id: 'r4' } }]);
  });

  it('lets a cancelled request leave the queue, and tells the call of a running one to stop', () => {
    const { cancel, request, stopped, started, told } = setUp();
    const [first, second] = [slipWith({ seq: 1 }), slipWith({ seq: 2 })];
    request(first);
    request(second);
    cancel(second);
    cancel(first);
    cancel(slipWith({ seq: 9 }));
    expect(told()).toEqual(['model.cancelled r2']);
    expect(stopped).toEqual(['r1']);
    expect(started()).toEqual(['r1']);
  });

  it('is drained when its last call has ended and no backend lingers', () => {
    const { clock, end, model, request, told } = setUp();
    request(slipWith({ seq: 1 }));
    model.send({ type: 'drain', at: clock.now() });
    request(slipWith({ seq: 2 }));
    end('r1', 'call.succeeded', { lingers: true });
    expect(told()).toEqual(['model.returned r2', 'model.succeeded r1']);
    model.send({ type: 'slot.freed', slot: 0, abandoned: false, at: clock.now() });
    expect(told().at(-1)).toBe('model.drained');
  });

  it('lets a named guard be overridden by provide', () => {
    const machine = modelMachine.provide({ guards: { trips: () => true } }) as typeof modelMachine;
    const { end, request, state } = setUp({}, machine);
    request(slipWith({ seq: 1 }));
    end('r1', 'call.failed');
    expect(state().breaker).toBe('open');
  });
});

describe.each([
  ['model', modelMachine],
  ['router', routerMachine],
] as const)('the definition of the %s chart', (_, machine) => {
  const definition = JSON.parse(JSON.stringify(machine.definition));

  it('rebuilds the same chart', () => {
    expect(JSON.parse(JSON.stringify(createMachine(configOf(definition) as never).definition))).toEqual(definition);
  });

  it('holds nothing that JSON cannot', () => {
    const { definition: own } = machine;
    expect(JSON.parse(JSON.stringify(own))).toEqual(definition);
    expect(statesOf(definition).map(({ id }) => id)).toEqual(statesOf(own as never).map(({ id }) => id));
    expect(new Set(machine.events.filter((name) => !name.startsWith('xstate.')))).toEqual(
      new Set(
        [definition, ...statesOf(definition)]
          .flatMap(({ on }) => Object.keys(on))
          .filter((name) => name !== '' && !name.startsWith('xstate.')),
      ),
    );
  });

  it('says in words what each state is for', () => {
    const bare = statesOf(definition).filter(
      ({ key, type, description }) => type === 'atomic' && !description && key !== 'starting',
    );
    expect(bare.map(({ id }) => id)).toEqual([]);
  });
});

interface Definition {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly description?: string;
  readonly initial: { readonly target: readonly string[] };
  readonly states: Readonly<Record<string, Definition>>;
  readonly on: Readonly<
    Record<string, readonly { readonly target?: unknown; readonly eventType: string; readonly delay?: string }[]>
  >;
  readonly transitions: readonly { readonly eventType: string; readonly delay?: string }[];
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
}

const statesOf = (definition: Definition): Definition[] =>
  Object.values(definition.states).flatMap((state) => [state, ...statesOf(state)]);

/** The configuration that a definition tells: its own words, without what XState works out from them. */
function configOf(definition: Definition): Record<string, unknown> {
  const { id, type, description, initial, states, on, transitions, entry, exit } = definition;
  const bare = (list: readonly object[]) =>
    list.map((transition) => {
      const { source: _s, eventType: _e, toJSON: _j, delay: _d, ...rest } = transition as Record<string, unknown>;
      return rest;
    });
  const delayed = transitions.filter(({ delay }) => delay !== undefined);
  const first = Object.values(states).find((state) => `#${state.id}` === initial.target[0]);
  const always = transitions.filter(({ eventType }) => eventType === '');
  const sent = Object.entries(on).filter(([name]) => name !== '' && !name.startsWith('xstate.after.'));
  return {
    id,
    ...((type === 'parallel' || type === 'final') && { type }),
    ...(description !== undefined && { description }),
    ...(first !== undefined && { initial: first.key }),
    states: Object.fromEntries(Object.entries(states).map(([key, state]) => [key, configOf(state)])),
    on: Object.fromEntries(sent.map(([name, list]) => [name, bare(list)])),
    ...(always.length > 0 && { always: bare(always) }),
    ...(delayed.length > 0 && { after: { [delayed[0]!.delay!]: bare(delayed) } }),
    entry: entry.filter((action) => !isTimer(action)),
    exit: exit.filter((action) => !isTimer(action)),
  };
}

/** Starting and cancelling the timer of `after` is worked out by XState. */
const isTimer = (action: unknown): boolean => /xstate\.(raise|cancel)/.test(JSON.stringify(action));
