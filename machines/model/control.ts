import type { ControlState } from '../../src/routing/model-view.ts';
import { modelSetup } from './setup.ts';

const announce = (from: ControlState, to: ControlState) => ({ type: 'announceControl', params: { from, to } }) as const;

const pauses = (from: ControlState) => ({ pause: { target: 'paused', actions: announce(from, 'paused') } }) as const;
const resumes = (from: ControlState) =>
  ({ resume: { target: 'active', actions: [announce(from, 'active'), 'reportAvailable'] } }) as const;
const drains = (from: ControlState) =>
  ({ drain: { target: 'draining', actions: announce(from, 'draining') } }) as const;

/**
 * The operator's region.
 *
 *   active ⇄ paused        paused: nothing is sent; what waits stays, newcomers go elsewhere
 *     │        │
 *     └──▶ draining ──▶ drained        takes no newcomer and finishes what it has, until nothing is left
 *
 * `resume` leads back to `active` from each of them. Whatever it is told twice is told once.
 */
export const control = modelSetup.createStateConfig({
  initial: 'active',
  states: {
    active: {
      id: 'active',
      description: 'Takes requests as its breaker and its queue allow.',
      on: { ...pauses('active'), ...drains('active') },
    },
    paused: {
      id: 'paused',
      description: 'Starts nothing; what waits stays, what runs is finished.',
      on: { ...resumes('paused'), ...drains('paused') },
    },
    draining: {
      description: 'Takes no newcomer; what waits and runs is finished.',
      always: { guard: 'isEmpty', target: 'drained', actions: announce('draining', 'drained') },
      on: { ...pauses('draining'), ...resumes('draining') },
    },
    drained: {
      description: 'Nothing is left: the model can be removed.',
      entry: 'reportDrained',
      on: {
        ...pauses('drained'),
        ...resumes('drained'),
        drain: { description: 'It says so again.', actions: 'reportDrained' },
      },
    },
  },
});
