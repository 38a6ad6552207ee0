import type { BreakerState } from '../../src/breaker/state.ts';
import type { Cause } from './announcements.ts';
import { modelSetup } from './setup.ts';

const announce = (from: BreakerState, to: BreakerState, cause: Cause) =>
  ({ type: 'announceChange', params: { from, to, cause } }) as const;
/** An operator may tell a breaker to be what it is. */
const announceUnlessSame = (from: BreakerState, to: BreakerState, cause: Cause) =>
  from === to ? [] : [announce(from, to, cause)];

/** What the operator's word does in each state: the breaker starts afresh, whatever its state. */
const operable = (from: BreakerState) => ({
  'breaker.configure': [
    {
      description: 'The breaker is switched off.',
      guard: 'switchesOff',
      target: 'forced_closed',
      actions: [
        'configureBreaker',
        'liftLimit',
        ...announceUnlessSame(from, 'forced_closed', 'configured'),
        'raiseClosed',
      ],
    },
    {
      description: 'New options.',
      target: 'closed',
      actions: ['configureBreaker', 'liftLimit', ...announceUnlessSame(from, 'closed', 'configured'), 'raiseClosed'],
    },
  ] as const,
  'breaker.restore': [
    {
      description: 'It was open before the restart and stays so until its time.',
      guard: 'restoresOpen',
      target: 'open',
      reenter: true,
      actions: ['restoreBreaker', ...announceUnlessSame(from, 'open', 'restored'), 'raiseOpened', 'reportOpened'],
    },
    {
      description: 'It was half-open, or its open time has ended meanwhile.',
      guard: 'restoresHalfOpen',
      target: 'half_open',
      actions: ['restoreBreaker', ...announceUnlessSame(from, 'half_open', 'restored'), 'raiseHalfOpened'],
    },
    {
      description: 'The operator had forced it open.',
      guard: 'restoresForcedOpen',
      target: 'forced_open',
      actions: ['restoreBreaker', ...announceUnlessSame(from, 'forced_open', 'restored'), 'raiseOpened'],
    },
    {
      description: 'The operator had forced it closed.',
      guard: 'restoresForcedClosed',
      target: 'forced_closed',
      actions: ['restoreBreaker', ...announceUnlessSame(from, 'forced_closed', 'restored'), 'raiseClosed'],
    },
    {
      description: 'It was closed.',
      target: 'closed',
      actions: ['restoreBreaker', ...announceUnlessSame(from, 'closed', 'restored'), 'raiseClosed'],
    },
  ] as const,
});

const forcesOpen = (from: BreakerState) => ({
  'breaker.force_open': {
    description: 'The operator takes the provider out.',
    target: 'forced_open',
    actions: ['forceOpen', announce(from, 'forced_open', 'forced'), 'raiseOpened'],
  } as const,
});

const forcesClosed = (from: BreakerState) => ({
  'breaker.force_closed': {
    description: 'The operator lets everything through.',
    target: 'forced_closed',
    actions: ['forceClosed', 'liftLimit', announce(from, 'forced_closed', 'forced'), 'raiseClosed'],
  } as const,
});

const resets = (from: BreakerState) =>
  ({
    description: 'The operator vouches for the provider: the past is forgotten.',
    target: 'closed',
    actions: ['resetBreaker', 'liftLimit', announce(from, 'closed', 'reset'), 'raiseClosed'],
  }) as const;

const stale = {
  description: 'The call was permitted before the breaker changed: its result moves nothing.',
  guard: 'isStale',
  actions: 'announceStale',
} as const;

const closesOrPasses = [
  {
    description: 'Enough probes in a row have succeeded.',
    guard: 'closes',
    target: 'closed',
    actions: ['closeBreaker', 'startSlowly', announce('half_open', 'closed', 'recovered'), 'raiseClosed'],
  },
  { description: 'A probe has succeeded; more are needed.', guard: 'passes', actions: 'passProbe' },
] as const;

const releases = [
  {
    description: 'Nobody’s fault: the permit is free for another probe.',
    guard: 'releases',
    actions: 'releaseProbe',
  },
  stale,
] as const;

/** While nothing is judged, a result can only be from an earlier generation. */
const onlyStale = {
  'call.succeeded': stale,
  'call.failed': stale,
  'call.ignored': stale,
  'call.rate_limited': stale,
  'call.cancelled': stale,
} as const;

/** A result while closed, be it a success or a failure, or an error that shows the provider to be well. */
const judged = [
  {
    description: 'Failures in a row, or the share of failed or slow calls, have reached the limit.',
    guard: 'trips',
    target: 'open',
    actions: ['openBreaker', announce('closed', 'open', 'tripped'), 'raiseOpened', 'reportOpened'],
  },
  { description: 'It would open, but only observes.', guard: 'wouldTrip', actions: 'announceWouldOpen' },
  stale,
] as const;

/**
 * Judges the results of calls.
 *
 *            too many failures or slow calls         recovery time is over
 *   closed ────────────────────────────────▶ open ─────────────────────────▶ half_open
 *     ▲                                        ▲                               │   │
 *     │                                        └───────── a probe fails ───────┘   │
 *     └───────────────────────── probes succeed in a row ──────────────────────────┘
 *
 *   forced_open:   an operator has taken the provider out, until he says otherwise
 *   forced_closed: an operator lets everything through, or the breaker is switched off; judges nothing
 *
 * From every state an operator forces it open or closed, resets it, configures it anew, or restores it from a memo.
 * A result counts only for the generation whose permit its call held; each transition begins a new one. What a result
 * leaves behind (a failure in a row, an entry in a window) is written where its call is concluded, by the queue's
 * region: one `assign` for each call.
 */
export const breaker = modelSetup.createStateConfig({
  initial: 'starting',
  states: {
    starting: {
      always: [{ guard: 'isSwitchedOff', target: 'forced_closed' }, { target: 'closed' }],
    },
    closed: {
      description: 'Calls go through; their results are judged.',
      on: {
        ...operable('closed'),
        ...forcesOpen('closed'),
        ...forcesClosed('closed'),
        'breaker.reset': {
          description: 'The operator vouches for the provider: what has been counted is forgotten.',
          actions: ['resetBreaker', 'liftLimit', 'raiseSlowStartEnded'],
        },
        'silence.noticed': [
          {
            description: 'Calls are silent for longer than they ever are, and none has shown life since they began.',
            guard: 'silenceTrips',
            target: 'open',
            actions: [
              'openBreaker',
              announce('closed', 'open', 'tripped'),
              'raiseOpened',
              'reportOpened',
              'giveUpCalls',
            ],
          },
          { description: 'It would open, but only observes.', guard: 'silenceWouldTrip', actions: 'announceWouldOpen' },
        ],
        'call.succeeded': judged,
        'call.failed': judged,
        'call.ignored': judged,
        'call.rate_limited': stale,
        'call.cancelled': stale,
      },
    },
    open: {
      description: 'The provider is left alone until its recovery time is over; requests go to other models.',
      after: {
        recovery: [
          {
            description: 'The open time is over.',
            guard: 'isRecoveryDue',
            target: 'half_open',
            actions: ['halfOpenBreaker', announce('open', 'half_open', 'recovery_due'), 'raiseHalfOpened'],
          },
          {
            description: 'A timer holds at most 2^31−1 ms: a longer wait is made of several.',
            target: 'open',
            reenter: true,
            actions: 'extendTimer',
          },
        ],
      },
      on: {
        ...operable('open'),
        ...forcesOpen('open'),
        ...forcesClosed('open'),
        'breaker.reset': resets('open'),
        ...onlyStale,
      },
    },
    half_open: {
      description: 'A few probes find out whether the provider has recovered; everyone else goes to other models.',
      on: {
        ...operable('half_open'),
        ...forcesOpen('half_open'),
        ...forcesClosed('half_open'),
        'breaker.reset': resets('half_open'),
        'call.succeeded': [...closesOrPasses, stale],
        'probe.proved': closesOrPasses,
        'call.failed': [
          {
            description: 'A probe has failed.',
            guard: 'trips',
            target: 'open',
            actions: ['openBreaker', announce('half_open', 'open', 'tripped'), 'raiseOpened', 'reportOpened'],
          },
          stale,
        ],
        'call.ignored': [...closesOrPasses, ...releases],
        'call.rate_limited': releases,
        'call.cancelled': releases,
      },
    },
    forced_open: {
      description: 'An operator has taken the provider out; requests go to other models.',
      on: {
        ...operable('forced_open'),
        ...forcesClosed('forced_open'),
        'breaker.reset': [
          {
            description: 'The breaker is switched off: so it stays.',
            guard: 'isSwitchedOff',
            target: 'forced_closed',
            actions: ['resetBreaker', 'liftLimit', announce('forced_open', 'forced_closed', 'reset'), 'raiseClosed'],
          },
          resets('forced_open'),
        ],
        ...onlyStale,
      },
    },
    forced_closed: {
      description: 'Everything is admitted and nothing is judged: so an operator wants it, or it is switched off.',
      on: {
        ...operable('forced_closed'),
        ...forcesOpen('forced_closed'),
        'breaker.reset': [
          {
            description: 'Switched off: there is nothing to reset but a slow start.',
            guard: 'isSwitchedOff',
            actions: ['liftLimit', 'raiseSlowStartEnded'],
          },
          resets('forced_closed'),
        ],
      },
    },
  },
});
