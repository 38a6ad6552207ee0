import { modelSetup } from './setup.ts';

/**
 * The operator's region: `active ─drain▶ draining ─(empty)▶ drained`. What drains takes no newcomer and finishes what
 * it has; the model is over when nothing waits, runs or lingers any more.
 */
export const control = modelSetup.createStateConfig({
  initial: 'active',
  states: {
    active: {
      id: 'active',
      description: 'Takes requests as its breaker and its queue allow.',
      on: { drain: { target: 'draining' } },
    },
    draining: {
      description: 'Takes no newcomer; what waits and runs is finished.',
      always: { guard: 'isEmpty', target: 'drained' },
    },
    drained: {
      description: 'Nothing is left: the model can be removed.',
      entry: 'reportDrained',
    },
  },
});
