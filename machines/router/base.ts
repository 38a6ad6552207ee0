import { fromCallback, setup } from 'xstate';
import { cacheMachine } from '../cache.machine.ts';
import type { TimerCommand } from '../events.ts';
import { modelMachine } from '../model/model.machine.ts';
import type { RouterEmitted } from '../settlement.ts';
import type { RouterContext, RouterEvent } from './events.ts';
import { guards } from './guards.ts';

/** Replaced by `provide` with the real timers, or with scripted ones. */
const unboundTimers = fromCallback<TimerCommand, undefined>(() => {});

/** The router chart's types, actors and guards: what its actions, in files of their own, are made from. */
export const base = setup({
  types: {
    context: {} as RouterContext,
    events: {} as RouterEvent,
    emitted: {} as RouterEmitted,
  },
  actors: { model: modelMachine, timers: unboundTimers, cache: cacheMachine },
  guards,
});
