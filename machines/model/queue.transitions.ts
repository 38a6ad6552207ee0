import { and, not, or } from 'xstate';
import type { SkipReason } from '../../src/routing/slip.ts';

// The transitions that several states of the queue's region have in common.

export const rejects = (reason: SkipReason) => ({ type: 'reject', params: { reason } }) as const;

export const rejectDraining = {
  description: 'The model is being emptied.',
  guard: 'isDraining',
  actions: rejects('draining'),
} as const;

/** Paused, the queue holds or is blocked: the states of everyday need not ask. */
export const rejectInactive = [
  { description: 'The operator has paused the model.', guard: 'isPaused', actions: rejects('paused') },
  rejectDraining,
] as const;

export const waitsOrBacksOff = or(['waits', 'backsOff']);

export const cancellable = {
  'request.cancel': [
    { description: 'It leaves its place.', guard: waitsOrBacksOff, actions: ['reportUnqueued', 'removeFromQueue'] },
    { description: 'Its call is told to stop.', guard: 'runs', actions: 'cancelCall' },
  ],
} as const;

/** Nothing is tried again while the operator wants nothing to be sent, and nothing while the provider wants nothing. */
export const backsOff = {
  description: 'It failed in passing: it keeps its place and is tried again here. Its slot takes the next.',
  guard: and(['isRetried', not('isDraining')]),
  target: 'advancing',
  actions: ['reportRetry', 'backOff'],
} as const;

export const rejoins = {
  description: 'It has backed off long enough: it joins the queue where it would stand.',
  guard: 'backsOff',
  actions: ['rejoin'],
} as const;

export const vacatesInSlowStart = {
  description: 'Slow start: a success lets one more call run at once.',
  guard: 'isRamping',
  actions: ['report', 'vacate', 'growLimit'],
} as const;

/** The provider wants less: who has another candidate goes there, who has none waits where that is in time. */
export const beginsLimit = {
  description: 'The provider wants to be left alone for a while.',
  guard: 'limits',
  // Before the call is forgotten: when it began decides whether this is one more limit in the row.
  actions: ['report', 'beginLimit', 'vacate', 'returnUntimely', 'reportLimited', 'announceLimit'],
} as const;
export const holdsForLimit = { ...beginsLimit, target: 'holding' } as const;

export const endsLimit = {
  description: 'The rate limit is over.',
  guard: 'isLimitOver',
  actions: ['endLimit', 'announceLimitEnd', 'reportAvailable'],
} as const;

/** The time that came was an earlier one: it says again when it is. */
export const limitStands = {
  description: 'It has been lengthened meanwhile.',
  guard: 'isLimited',
  actions: 'reportLimited',
} as const;

/**
 * What becomes of a slot that ends its call while others may wait. From `full` the freed place leads elsewhere:
 * `lingering` when the slot is not free either, else `place`.
 */
export const endsCall = <Also extends 'reportAvailable'>(
  lingering: { readonly target?: 'advancing' },
  place: { readonly target?: 'saturated' },
  also: readonly Also[],
) =>
  [
    {
      description: 'The breaker opens in this very step: the slot is not fed again.',
      guard: 'trips',
      actions: ['report', 'vacate', 'growLimit'],
    },
    { ...vacatesInSlowStart, target: 'advancing', actions: [...vacatesInSlowStart.actions, ...also] },
    {
      description: 'The backend has not let go: the slot is not free yet.',
      guard: 'lingers',
      ...lingering,
      actions: ['report', 'vacate', ...also],
    },
    {
      description: 'The slot stays free.',
      guard: 'nothingWaits',
      target: 'accepting',
      actions: ['report', 'vacate', ...also],
    },
    {
      description: 'Who is next has no time left: look further.',
      guard: 'headIsExpired',
      target: 'advancing',
      actions: ['report', 'vacate', ...also],
    },
    {
      description: 'The slot takes the next in order.',
      ...place,
      actions: ['report', 'dispatchHead', 'handOver', ...also],
    },
  ] as const;

export const displaces = {
  description: 'The one that would be served last gives way to a more important one.',
  guard: 'canDisplace',
  actions: ['returnVictim', 'announceDisplaced', 'displaceVictim'],
} as const;
export const rejectsFull = {
  description: 'No place, and nobody who would give way.',
  actions: rejects('queue_full'),
} as const;
