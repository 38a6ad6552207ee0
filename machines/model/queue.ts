import { and, or } from 'xstate';
import {
  backsOff,
  beginsLimit,
  cancellable,
  displaces,
  endsCall,
  endsLimit,
  holdsForLimit,
  limitStands,
  rejectDraining,
  rejectInactive,
  rejects,
  rejectsFull,
  rejoins,
  vacatesInSlowStart,
  waitsOrBacksOff,
} from './queue.transitions.ts';
import { modelSetup } from './setup.ts';

const somethingHeld = or(['somethingWaits', 'somethingBacksOff']);
const pauses = {
  description: 'What waits stays; what backs off goes on to other models.',
  target: 'holding',
  actions: 'returnBackingOff',
} as const;

/**
 * Decides what becomes of a request, and gives each slot that ends its call the next one.
 *
 *   accepting ⇄ saturated ⇄ full        a slot is free · all slots are busy · all places are taken
 *       │           │         │
 *       ├───────────┴─────────┼──▶ blocked ──▶ probing ──▶ (advancing)
 *       │                     │    breaker open  half-open   closed
 *       └─────────────────────┴──▶ holding ──▶ (advancing)
 *                                  paused or rate limited, until neither
 *
 * Invariants: a request waits only in `saturated`, `full` and `holding`, and in the first two only while no slot is
 * free below the running limit; it backs off only in these and in `accepting`; waiting, backing off and running are at
 * most `maxQueueDepth`, running and lingering at most `maxConcurrency`; what leaves is reported exactly once.
 */
export const queue = modelSetup.createStateConfig({
  initial: 'accepting',
  on: {
    'breaker.opened': {
      description: 'Everything that waits goes back and on to other models.',
      target: '.blocked',
      actions: 'returnWaiting',
    },
    'breaker.half_opened': {
      description: 'Probes are taken; what waits goes back.',
      target: '.probing',
      actions: ['returnWaiting', 'reportAvailable'],
    },
    'breaker.closed': {
      description: 'Waiting requests start, as many as may run.',
      target: '.advancing',
      actions: 'reportAvailable',
    },
    'slow_start.ended': { description: 'Waiting requests start, as many as there are slots.', target: '.advancing' },
    'limit.ended': [endsLimit, limitStands],
    poll: { actions: 'reportAvailable' },
    'stream.started': { description: 'The first content has reached the caller.', actions: 'reportStarted' },
    'silence.noticed': { description: 'One more call shows no life.', actions: 'markSilent' },
    'probe.proved': { description: 'A long stream has shown that the provider is well.', actions: 'markProven' },
    'retry.due': { ...rejoins, target: '.advancing' },
    drain: {
      description: 'What backs off goes on to other models; what waits is finished.',
      guard: 'somethingBacksOff',
      target: '.advancing',
      actions: 'returnBackingOff',
    },
    release: [
      {
        description: 'The router stops: what waits goes back.',
        guard: somethingHeld,
        target: '.advancing',
        actions: ['giveUpRetries', 'returnWaiting'],
      },
      { actions: 'giveUpRetries' },
    ],
    evict: [
      {
        guard: somethingHeld,
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
          { guard: 'takesLastPlace', target: 'full', actions: ['dispatch', 'occupy'] },
          { guard: 'takesLastSlot', target: 'saturated', actions: ['dispatch', 'occupy'] },
          { actions: ['dispatch', 'occupy'] },
        ],
        'call.failed': backsOff,
        'call.rate_limited': holdsForLimit,
        'call.*': [vacatesInSlowStart, { actions: ['report', 'vacate'] }],
        'slot.freed': { actions: 'free' },
        pause: pauses,
      },
    },
    saturated: {
      description: 'As many calls run as may: a request waits its turn.',
      on: {
        ...cancellable,
        request: [
          rejectDraining,
          { guard: 'takesLastPlace', target: 'full', actions: 'enqueue' },
          { actions: 'enqueue' },
        ],
        'call.failed': backsOff,
        'call.rate_limited': holdsForLimit,
        'call.*': endsCall({}, {}, []),
        'slot.freed': { target: 'advancing', actions: 'free' },
        pause: pauses,
      },
    },
    full: {
      description: 'Every place is taken: a request displaces a less important one or is returned.',
      on: {
        'request.cancel': [
          { guard: 'waits', target: 'saturated', actions: ['reportUnqueued', 'removeFromQueue', 'reportAvailable'] },
          {
            description: 'All slots need not be busy, because it had none.',
            guard: 'backsOff',
            target: 'advancing',
            actions: ['reportUnqueued', 'removeFromQueue', 'reportAvailable'],
          },
          { guard: 'runs', actions: 'cancelCall' },
        ],
        request: [rejectDraining, { ...displaces, target: 'advancing' }, rejectsFull],
        // Whoever expires on the way leaves a place.
        'retry.due': { ...rejoins, target: 'advancing', actions: [...rejoins.actions, 'reportAvailable'] },
        'call.failed': { ...backsOff, actions: [...backsOff.actions, 'reportAvailable'] },
        'call.rate_limited': { ...holdsForLimit, actions: [...holdsForLimit.actions, 'reportAvailable'] },
        'call.*': endsCall({ target: 'advancing' }, { target: 'saturated' }, ['reportAvailable']),
        'slot.freed': { target: 'advancing', actions: ['free', 'reportAvailable'] },
        'slow_start.ended': { target: 'advancing', actions: 'reportAvailable' },
        pause: pauses,
      },
    },
    advancing: {
      description: 'Waiting requests start in the slots that have become free; over in the same step.',
      entry: 'startWaiting',
      always: [
        { guard: 'isHeld', target: 'holding' },
        { guard: 'isFull', target: 'full' },
        { guard: 'hasFreeSlot', target: 'accepting' },
        { target: 'saturated' },
      ],
    },
    holding: {
      description: 'Paused or rate limited: nothing starts; what waits stays.',
      on: {
        'request.cancel': [
          {
            description: 'It leaves the queue, and a place is free again.',
            guard: and(['isFull', waitsOrBacksOff]),
            actions: ['reportUnqueued', 'removeFromQueue', 'reportAvailable'],
          },
          ...cancellable['request.cancel'],
        ],
        request: [
          ...rejectInactive,
          {
            description: 'It may have other candidates, and goes there.',
            guard: 'goesElsewhere',
            actions: rejects('rate_limited'),
          },
          { description: 'It has none, and waits for the limit’s end.', guard: 'hasPlace', actions: 'enqueue' },
          displaces,
          rejectsFull,
        ],
        'call.rate_limited': [
          {
            ...beginsLimit,
            guard: and(['isFull', 'limits']),
            actions: [...beginsLimit.actions, 'reportAvailable'],
          },
          beginsLimit,
        ],
        'call.*': [
          {
            description: 'A place is free again.',
            guard: 'isFull',
            actions: ['report', 'vacate', 'growLimit', 'reportAvailable'],
          },
          vacatesInSlowStart,
          { actions: ['report', 'vacate'] },
        ],
        'slot.freed': { actions: 'free' },
        // What is held stays held, whatever the breaker is told; a memo may know of no limit.
        'breaker.closed': [
          { guard: 'isHeld', actions: 'reportAvailable' },
          { target: 'advancing', actions: 'reportAvailable' },
        ],
        'slow_start.ended': {},
        'limit.ended': [
          {
            description: 'The rate limit is over, but the operator has paused the model.',
            guard: and(['isLimitOver', 'isPaused']),
            actions: ['endLimit', 'startSlowly', 'announceLimitEnd'],
          },
          {
            ...endsLimit,
            target: 'advancing',
            actions: ['endLimit', 'startSlowly', 'announceLimitEnd', 'reportAvailable'],
          },
        ],
        'retry.due': rejoins,
        pause: { actions: 'returnBackingOff' },
        resume: [
          { description: 'A rate limit still holds.', guard: 'isLimited' },
          { description: 'Waiting requests start.', target: 'advancing' },
        ],
        drain: [
          { description: 'A rate limit still holds.', guard: 'isLimited', actions: 'returnBackingOff' },
          { description: 'What waits is finished.', target: 'advancing', actions: 'returnBackingOff' },
        ],
      },
    },
    blocked: {
      description: 'The breaker is open: every request goes back at once.',
      on: {
        ...cancellable,
        request: [...rejectInactive, { actions: rejects('circuit_open') }],
        'call.rate_limited': beginsLimit,
        'call.*': { actions: ['report', 'vacate'] },
        'slot.freed': { actions: 'free' },
      },
    },
    probing: {
      description: 'The breaker is half-open: a request becomes a probe or goes back at once.',
      on: {
        ...cancellable,
        request: [
          ...rejectInactive,
          {
            description: 'The provider wants to be left alone.',
            guard: 'isLimitedProbe',
            actions: rejects('rate_limited'),
          },
          {
            description: 'A permit and a slot are free: it becomes a probe.',
            guard: 'canProbe',
            actions: ['dispatchProbe', 'occupyAsProbe'],
          },
          { actions: rejects('half_open') },
        ],
        'call.rate_limited': { ...beginsLimit, actions: [...beginsLimit.actions, 'reportAvailable'] },
        'call.*': [
          { description: 'The breaker closes and says so itself.', guard: 'closes', actions: ['report', 'vacate'] },
          { actions: ['report', 'vacate', 'reportAvailable'] },
        ],
        'slot.freed': { actions: ['free', 'reportAvailable'] },
        'probe.proved': { actions: ['markProven', 'reportAvailable'] },
      },
    },
  },
});
