import type { CacheState } from './cache/events.ts';
import { cacheSetup } from './cache/setup.ts';

const announce = (from: CacheState, to: CacheState) => ({ type: 'announceChange', params: { from, to } }) as const;

/** Whatever its state: what was asked is answered, and what is called off is let go. */
const always = {
  'request.cancel': { actions: 'passOn' },
  'cache.release': { actions: 'passOn' },
  'cache.missed': { actions: 'reportOn' },
  'cache.settled': { actions: 'reportOn' },
} as const;

/**
 * Answers a request that is like an earlier one without a call: the exact tier from when it is enabled, the semantic
 * tier while there is an embedder.
 *
 *   off ─enable▶ warming ─embedder.loaded▶ ready ─embedder gone, or failing▶ degraded
 *                  │ ▲                                                          ▲ │
 *                  │ └──────────────────────── retryMs ─────────────────────────│─┘
 *                  └─────────────────── embedder.failed ────────────────────────┘
 *
 * It keeps nothing of a request: what is being looked up, and all that is stored, lie behind the port of its logic.
 * Every look-up is reported on exactly once, unless it is called off.
 */
export const cacheMachine = cacheSetup.createMachine({
  id: 'cache',
  description: 'Answers what was asked before without a call.',
  context: ({ input, spawn }) => {
    spawn('work', { id: 'work' });
    return { reportTo: input.reportTo, isSemantic: false, retryMs: 0, failures: 0, lack: null };
  },
  initial: 'off',
  on: always,
  states: {
    off: {
      description: 'There is no cache: whatever is asked is a miss.',
      on: {
        'cache.look_up': { actions: 'replyMiss' },
        'cache.enable': [
          {
            description: 'The semantic tier needs its embedder first.',
            guard: 'isSemantic',
            target: 'warming',
            actions: ['keepOptions', announce('off', 'warming')],
          },
          {
            description: 'The exact tier is all that is wanted.',
            target: 'ready',
            actions: ['keepOptions', announce('off', 'ready')],
          },
        ],
      },
    },
    warming: {
      description: 'The embedder is being loaded; the exact tier serves.',
      entry: 'warmUp',
      on: {
        'cache.look_up': { actions: 'lookUp' },
        'embedder.loaded': { target: 'ready', actions: ['forgetLack', announce('warming', 'ready')] },
        'embedder.failed': { target: 'degraded', actions: ['keepLack', announce('warming', 'degraded')] },
      },
    },
    ready: {
      description: 'Every tier that is wanted serves.',
      on: {
        'cache.look_up': { actions: 'lookUpInBothTiers' },
        'embedding.succeeded': { guard: 'hasFailures', actions: 'forgetFailures' },
        'embedding.failed': [
          {
            description: 'Too many in a row: each costs its request the time of an embedding.',
            guard: 'isOneTooMany',
            target: 'degraded',
            actions: ['keepLack', announce('ready', 'degraded')],
          },
          { actions: 'countFailure' },
        ],
        'embedder.failed': { target: 'degraded', actions: ['keepLack', announce('ready', 'degraded')] },
      },
    },
    degraded: {
      description: 'There is no embedder: the exact tier serves alone, and the embedder is tried again later.',
      on: { 'cache.look_up': { actions: 'lookUp' } },
      after: {
        retryMs: {
          description: 'Perhaps it can be had now.',
          target: 'warming',
          actions: announce('degraded', 'warming'),
        },
      },
    },
  },
});
