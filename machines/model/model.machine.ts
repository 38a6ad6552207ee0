import { breaker } from './breaker.ts';
import { initialContext } from './context.ts';
import { control } from './control.ts';
import { queue } from './queue.ts';
import { modelSetup } from './setup.ts';

/**
 * One model of the router: its circuit breaker, its queue and the operator's hand on it, in parallel, over a fixed
 * number of slots that are spawned once.
 *
 *   breaker: closed · open · half_open · forced_open · forced_closed
 *   queue:   accepting · saturated · full · holding · blocked · probing
 *   control: active · paused · draining · drained
 *
 * The regions learn of each other by raised events (`breaker.opened` …) and by asking the same `verdict`, because a
 * guard in a parallel region sees the state before the event. Invariants: see `machines/README.md`.
 */
export const modelMachine = modelSetup.createMachine({
  id: 'model',
  type: 'parallel',
  context: ({ input, spawn }) =>
    initialContext(input, (slot) =>
      spawn('slot', {
        id: `slot:${slot}`,
        input: { slot, model: input.name, abortGraceMs: input.limits.abortGraceMs },
      }),
    ),
  states: { breaker, queue, control },
  // A bound on microsteps in one step: a chart that loops must fail loudly, not hang the process.
  options: { maxIterations: 1_000 },
});
