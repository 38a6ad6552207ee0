import { createActor, emit, type InspectionEvent } from 'xstate';
import { createCacheLogic } from '../machines/cache.logic.ts';
import { cacheMachine } from '../machines/cache.machine.ts';
import { modelMachine } from '../machines/model/model.machine.ts';
import type { CachePort, CallPort } from '../machines/ports.ts';
import type { RouterRef } from '../machines/request.ts';
import { guards } from '../machines/router/guards.ts';
import { cancellationOf } from '../machines/router/lookup.ts';
import { conclusion, settlement } from '../machines/router/outcome.ts';
import { routerMachine } from '../machines/router.machine.ts';
import type { RouterEmitted, Settlement } from '../machines/settlement.ts';
import { createSlotLogic } from '../machines/slot.logic.ts';
import { createTimersLogic } from '../machines/timers.logic.ts';
import type { Clock } from './clock.ts';
import { ConfigurationError } from './errors.ts';
import type { Ledger } from './ledger.ts';
import type { Slip } from './routing/slip.ts';

/** Makes the root a child in a system of the user's. */
export type SpawnRouter = (logic: typeof routerMachine) => RouterRef;

export interface Wiring {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly calls: CallPort;
  readonly cache: CachePort;
  readonly spawn: SpawnRouter | undefined;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
  /** Hears what an inspector throws: thrown on, it would end up in whichever actor was just sending. */
  readonly onInspectError: (error: unknown) => void;
}

/** The charts, bound to what they reach only through ports: backends, time and the ledger. */
export function wireRouter(wiring: Wiring): RouterRef {
  const machine = bindRouter(wiring);
  return wiring.spawn === undefined ? createRoot(machine, wiring) : spawned(wiring.spawn(machine));
}

function bindRouter({ clock, ledger, calls, cache }: Wiring): typeof routerMachine {
  const settle = (facts: Settlement): RouterEmitted =>
    ledger.settle(facts) ?? { type: 'event.dropped', event: `settlement.${facts.verdict}`, requestId: facts.key.id };
  return routerMachine.provide({
    actors: {
      model: modelMachine.provide({ actors: { slot: createSlotLogic(calls, clock) } }),
      timers: createTimersLogic(clock),
      cache: cacheMachine.provide({ actors: { work: createCacheLogic(cache) } }),
    },
    actions: {
      settle: emit((args) => settle(settlement(args as never))),
      conclude: emit((args) => settle(conclusion(args as never))),
      markCalledOff: ({ event }) => {
        ledger.callOff(cancellationOf(event).id);
      },
      noteWhereabouts: ({ event }) => {
        if ('slip' in event) ledger.note(event.slip as Slip);
      },
    },
    guards: {
      isCalledOff: (args) =>
        guards.isCalledOff(args) || ('slip' in args.event && ledger.isCalledOff(args.event.slip.id)),
    },
  }) as typeof routerMachine;
}

function createRoot(machine: typeof routerMachine, { clock, inspect, onInspectError }: Wiring): RouterRef {
  return createActor(machine, {
    clock: {
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    },
    ...(inspect !== undefined && {
      inspect: (event) => {
        try {
          inspect(event);
        } catch (error) {
          onInspectError(error);
        }
      },
    }),
  }) as RouterRef;
}

function spawned(ref: unknown): RouterRef {
  if (typeof (ref as RouterRef | undefined)?.getSnapshot === 'function') return ref as RouterRef;
  const message = `new LLMRouter().spawn: returned ${typeof ref}; accepted: the actor ref that spawn(logic) gives`;
  throw new ConfigurationError('spawn', message);
}
