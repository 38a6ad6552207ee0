import type { BreakerState } from './emitted.ts';
import { modelSetup } from './setup.ts';

const announce = (from: BreakerState, to: BreakerState, cause: string) =>
  ({ type: 'announceChange', params: { from, to, cause } }) as const;

/** New options reset the breaker, whatever its state. */
const configurable = (from: BreakerState) => ({
  'breaker.configure': [
    {
      description: 'The breaker is switched off.',
      guard: 'switchesOff',
      target: 'forced_closed',
      actions: ['configureBreaker', announce(from, 'forced_closed', 'configured'), 'raiseClosed'],
    },
    {
      description: 'New options: the breaker starts afresh.',
      target: 'closed',
      actions: ['configureBreaker', announce(from, 'closed', 'configured'), 'raiseClosed'],
    },
  ] as const,
});

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
    actions: ['closeBreaker', announce('half_open', 'closed', 'recovered'), 'raiseClosed'],
  },
  { description: 'A probe has succeeded; more are needed.', guard: 'passes', actions: 'passProbe' },
] as const;

const releases = [
  { description: 'Nobody’s fault: the permit is free for another probe.', guard: 'releases', actions: 'releaseProbe' },
  stale,
] as const;

/**
 * Judges the results of calls.
 *
 *            failures reach the threshold            recovery time is over
 *   closed ────────────────────────────────▶ open ─────────────────────────▶ half_open
 *     ▲                                        ▲                               │   │
 *     │                                        └───────── a probe fails ───────┘   │
 *     └───────────────────────── probes succeed in a row ──────────────────────────┘
 *
 *   forced_closed: switched off; admits all, judges nothing.
 *
 * A result counts only for the generation whose permit its call held; each transition begins a new one.
 */
export const breaker = modelSetup.createStateConfig({
  initial: 'starting',
  states: {
    starting: {
      always: [{ guard: 'isSwitchedOff', target: 'forced_closed' }, { target: 'closed' }],
    },
    closed: {
      description: 'Calls go through; failures in a row are counted.',
      on: {
        ...configurable('closed'),
        'call.succeeded': [
          { description: 'The row of failures is broken.', guard: 'clears', actions: 'clearFailures' },
          stale,
        ],
        'call.failed': [
          {
            description: 'Failures in a row have reached the threshold.',
            guard: 'trips',
            target: 'open',
            actions: ['openBreaker', announce('closed', 'open', 'failures'), 'raiseOpened'],
          },
          { description: 'One more failure in a row.', guard: 'counts', actions: 'countFailure' },
          stale,
        ],
        'call.ignored': stale,
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
        ...configurable('open'),
        'call.succeeded': stale,
        'call.failed': stale,
        'call.ignored': stale,
        'call.rate_limited': stale,
        'call.cancelled': stale,
      },
    },
    half_open: {
      description: 'A few probes find out whether the provider has recovered; everyone else goes to other models.',
      on: {
        ...configurable('half_open'),
        'call.succeeded': [...closesOrPasses, stale],
        'probe.proved': closesOrPasses,
        'call.failed': [
          {
            description: 'A probe has failed.',
            guard: 'trips',
            target: 'open',
            actions: ['openBreaker', announce('half_open', 'open', 'probe_failed'), 'raiseOpened'],
          },
          stale,
        ],
        'call.ignored': releases,
        'call.rate_limited': releases,
        'call.cancelled': releases,
      },
    },
    forced_closed: {
      description: 'Switched off: everything is admitted and nothing is judged.',
      on: configurable('forced_closed'),
    },
  },
});
