import { createActor, emit, type InspectionEvent } from 'xstate';
import { modelMachine } from '../machines/model/model.machine.ts';
import type { CallPort } from '../machines/ports.ts';
import type { RouterRef } from '../machines/request.ts';
import { conclusion, settlement } from '../machines/router/outcome.ts';
import { routerMachine } from '../machines/router.machine.ts';
import type { RouterEmitted, Settlement } from '../machines/settlement.ts';
import { createSlotLogic } from '../machines/slot.logic.ts';
import { createTimersLogic } from '../machines/timers.logic.ts';
import type { Clock } from './clock.ts';
import type { Ledger } from './ledger.ts';

export interface Wiring {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly calls: CallPort;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
  /** Hears what an inspector throws: thrown on, it would end up in whichever actor was just sending. */
  readonly onInspectError: (error: unknown) => void;
}

/** The charts, bound to what they reach only through ports: backends, time and the ledger. */
export function wireRouter({ clock, ledger, calls, inspect, onInspectError }: Wiring): RouterRef {
  const settle = (facts: Settlement): RouterEmitted =>
    ledger.settle(facts) ?? { type: 'event.dropped', event: `settlement.${facts.verdict}`, requestId: facts.key.id };
  const machine = routerMachine.provide({
    actors: {
      model: modelMachine.provide({ actors: { slot: createSlotLogic(calls, clock) } }),
      timers: createTimersLogic(clock),
    },
    actions: {
      settle: emit((args) => settle(settlement(args as never))),
      conclude: emit((args) => settle(conclusion(args as never))),
      noteWhereabouts: ({ event }) => {
        if (event.type === 'model.cancelled') ledger.note(event.slip);
      },
    },
  });
  const actor = createActor(machine, {
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
  });
  return actor as RouterRef;
}
