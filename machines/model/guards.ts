import type { BreakerState } from '../../src/breaker/state.ts';
import { isStale } from '../../src/breaker/verdict.ts';
import { MAX_TIMER_MS } from '../../src/timer-limit.ts';
import type { ModelEvent } from '../events.ts';
import { depthOf, hasFreeProbe, hasFreeSlot, isFull, isRamping, type ModelContext } from './context.ts';
import {
  type Args,
  asCall,
  backingOffOf,
  headOf,
  judge,
  judgedOf,
  limitAfter,
  retryOf,
  runningSlot,
  silenceOf,
  timeOf,
  victimOf,
  waitingOf,
} from './lookup.ts';

const isLastSlot = ({ load: { idle, running, runningLimit } }: ModelContext): boolean =>
  idle?.next === null || running + 1 >= runningLimit;
const isRestored = (event: ModelEvent, state: BreakerState): boolean =>
  event.type === 'breaker.restore' && event.memo.state === state;

/** The named guards of the model chart: each a proposition about the event and the context before it. */
export const guards = {
  // What a result does to the breaker.
  trips: (args: Args) => judge(args) === 'trip',
  wouldTrip: (args: Args) => args.context.breaker.options?.observe === true && judge(args) === 'would_trip',
  // Asked while closed only: forced closed, there is no transition that would ask.
  silenceTrips: (args: Args) => args.context.breaker.options?.observe === false && silenceOf(args) !== null,
  silenceWouldTrip: (args: Args) => args.context.breaker.options?.observe === true && silenceOf(args) !== null,
  closes: (args: Args) => judge(args) === 'close',
  passes: (args: Args) => judge(args) === 'pass',
  releases: (args: Args) => judge(args) === 'release',
  isStale: (args: Args) => isStale(args.context.breaker, judgedOf(args)),
  isSwitchedOff: ({ context }: Args) => context.breaker.options === null,
  switchesOff: ({ event }: Args) => event.type === 'breaker.configure' && event.breaker === null,
  restoresOpen: ({ event }: Args) => isRestored(event, 'open'),
  restoresHalfOpen: ({ event }: Args) => isRestored(event, 'half_open'),
  restoresForcedOpen: ({ event }: Args) => isRestored(event, 'forced_open'),
  restoresForcedClosed: ({ event }: Args) => isRestored(event, 'forced_closed'),
  isRecoveryDue: ({ context: { breaker } }: Args) => breaker.openUntil - breaker.timerFrom <= MAX_TIMER_MS,

  // What a request meets.
  takesLastSlot: ({ context }: Args) => isLastSlot(context),
  takesLastPlace: ({ context }: Args) => depthOf(context) + 1 >= context.limits.maxQueueDepth,
  canDisplace: (args: Args) => victimOf(args) !== null,
  canProbe: ({ context }: Args) => hasFreeProbe(context),
  isLimited: ({ context }: Args) => context.rateLimit.until !== null,
  isLimitedProbe: ({ context }: Args) => hasFreeProbe(context) && context.rateLimit.until !== null,
  goesElsewhere: ({ event }: Args) => event.type === 'request' && event.waitsOutLimit !== true,
  hasPlace: ({ context }: Args) => !isFull(context),

  // What a 429 and the end of a limit mean.
  limits(args: Args) {
    const next = limitAfter(args);
    return next.until !== null && next !== args.context.rateLimit;
  },
  isLimitOver: (args: Args) => args.context.rateLimit.until !== null && args.context.rateLimit.until <= timeOf(args),

  // What a queue holds.
  nothingWaits: ({ context }: Args) => context.load.waitingCount === 0,
  somethingBacksOff: ({ context }: Args) => context.load.retries.count > 0,
  somethingWaits: ({ context }: Args) => context.load.waitingCount > 0,
  headIsExpired: (args: Args) => headOf(args.context)!.deadline <= timeOf(args),
  hasFreeSlot: ({ context }: Args) => hasFreeSlot(context),
  isRamping: ({ context }: Args) => isRamping(context),
  isFull: ({ context }: Args) => isFull(context),
  isEmpty: ({ context }: Args) => depthOf(context) === 0 && context.load.lingering === 0,
  waits: (args: Args) => waitingOf(args) !== null,
  backsOff: (args: Args) => backingOffOf(args) !== null,
  isRetried: (args: Args) => retryOf(args) !== null,
  runs: (args: Args) => runningSlot(args) >= 0,
  lingers: ({ event }: Args) => asCall(event).lingers,
};
