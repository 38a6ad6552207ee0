import { modelSetup } from './setup.ts';

const rejectDraining = {
  description: 'The model is being emptied.',
  guard: 'isDraining',
  actions: { type: 'reject', params: { reason: 'draining' } },
} as const;

const cancellable = {
  'request.cancel': [
    { description: 'It leaves the queue.', guard: 'waits', actions: ['reportUnqueued', 'removeFromQueue'] },
    { description: 'Its call is told to stop.', guard: 'runs', actions: 'cancelCall' },
  ],
} as const;

/** While the breaker lets nothing start, a slot that ends its call stays free. */
const onlyVacates = {
  'call.*': { actions: ['report', 'vacate'] },
  'slot.freed': { actions: 'free' },
} as const;

/** What becomes of a slot that ends its call while others may wait; `place` is where the freed place leads. */
const endsCall = (place: { readonly target?: 'saturated' }) =>
  [
    {
      description: 'The breaker opens in this very step: the slot is not fed again.',
      guard: 'trips',
      actions: ['report', 'vacate'],
    },
    {
      description: 'The backend has not let go: the slot is not free yet.',
      guard: 'lingers',
      ...place,
      actions: ['report', 'vacate'],
    },
    { description: 'The slot stays free.', guard: 'nothingWaits', target: 'accepting', actions: ['report', 'vacate'] },
    {
      description: 'Who is next has no time left: look further.',
      guard: 'headIsExpired',
      target: 'advancing',
      actions: ['report', 'vacate'],
    },
    { description: 'The slot takes the next in order.', ...place, actions: ['report', 'dispatchHead', 'handOver'] },
  ] as const;

/**
 * Decides what becomes of a request, and gives each slot that ends its call the next one.
 *
 *   accepting ⇄ saturated ⇄ full        a slot is free · all slots are busy · all places are taken
 *       └──────────┴──────────┴──▶ blocked ──▶ probing ──▶ (advancing)
 *                        breaker opens     half-opens    closes
 *
 * Invariants: a request waits only in `saturated` and `full`, and only while no slot is free; waiting and running are
 * at most `maxQueueDepth`, running and lingering at most `maxConcurrency`; what leaves is reported exactly once.
 */
export const queue = modelSetup.createStateConfig({
  initial: 'accepting',
  on: {
    'breaker.opened': {
      description: 'Everything that waits goes back and on to other models.',
      target: '.blocked',
      actions: 'returnWaiting',
    },
    'stream.started': { description: 'The first content has reached the caller.', actions: 'reportStarted' },
    'probe.proved': { description: 'A long stream has shown that the provider is well.', actions: 'markProven' },
    release: {
      description: 'The router stops: what waits goes back.',
      guard: 'somethingWaits',
      target: '.advancing',
      actions: 'returnWaiting',
    },
    evict: [
      {
        guard: 'somethingWaits',
        target: '.advancing',
        actions: ['returnWaiting', 'cancelCalls'],
      },
      { actions: 'cancelCalls' },
    ],
  },
  states: {
    accepting: {
      description: 'A slot is free: a request starts at once.',
      on: {
        ...cancellable,
        request: [
          rejectDraining,
          { guard: 'takesLastSlotAndPlace', target: 'full', actions: ['dispatch', 'occupy'] },
          { guard: 'takesLastSlot', target: 'saturated', actions: ['dispatch', 'occupy'] },
          { actions: ['dispatch', 'occupy'] },
        ],
        ...onlyVacates,
      },
    },
    saturated: {
      description: 'Every slot is busy: a request waits its turn.',
      on: {
        ...cancellable,
        request: [
          rejectDraining,
          { guard: 'takesLastPlace', target: 'full', actions: 'enqueue' },
          { actions: 'enqueue' },
        ],
        'call.*': endsCall({}),
        'slot.freed': { target: 'advancing', actions: 'free' },
      },
    },
    full: {
      description: 'Every place is taken: a request displaces a less important one or is returned.',
      on: {
        'request.cancel': [
          { guard: 'waits', target: 'saturated', actions: ['reportUnqueued', 'removeFromQueue'] },
          { guard: 'runs', actions: 'cancelCall' },
        ],
        request: [
          rejectDraining,
          {
            description: 'The one that would be served last gives way to a more important one.',
            guard: 'canDisplace',
            actions: ['returnVictim', 'announceDisplaced', 'displaceVictim'],
          },
          {
            description: 'No place, and nobody who would give way.',
            actions: { type: 'reject', params: { reason: 'queue_full' } },
          },
        ],
        'call.*': endsCall({ target: 'saturated' }),
        'slot.freed': { target: 'advancing', actions: 'free' },
      },
    },
    advancing: {
      description: 'Waiting requests start in the slots that have become free; over in the same step.',
      entry: 'startWaiting',
      always: [
        { guard: 'isFull', target: 'full' },
        { guard: 'hasFreeSlot', target: 'accepting' },
        { target: 'saturated' },
      ],
    },
    blocked: {
      description: 'The breaker is open: every request goes back at once.',
      on: {
        ...cancellable,
        request: [rejectDraining, { actions: { type: 'reject', params: { reason: 'circuit_open' } } }],
        ...onlyVacates,
        'breaker.half_opened': { target: 'probing' },
        'breaker.closed': { target: 'advancing' },
      },
    },
    probing: {
      description: 'The breaker is half-open: a request becomes a probe or goes back at once.',
      on: {
        ...cancellable,
        request: [
          rejectDraining,
          {
            description: 'A permit and a slot are free: it becomes a probe.',
            guard: 'canProbe',
            actions: ['dispatchProbe', 'occupyAsProbe'],
          },
          { actions: { type: 'reject', params: { reason: 'half_open' } } },
        ],
        ...onlyVacates,
        'breaker.closed': { target: 'advancing' },
      },
    },
  },
});
