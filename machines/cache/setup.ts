import { type ActorRef, emit, fromCallback, type Snapshot, setup } from 'xstate';
import type { CacheChanged, CacheCommand, CacheEvent, CacheReportEvent, CacheState, CacheWork } from './events.ts';

/** So many embeddings that fail or take too long in a row, and the embedder is taken for gone. */
const MOST_FAILURES = 5;

export interface CacheContext {
  readonly reportTo: ActorRef<Snapshot<unknown>, CacheReportEvent>;
  /** The semantic tier is wanted. */
  readonly isSemantic: boolean;
  /** After how many milliseconds an embedder that could not be had is tried again. */
  readonly retryMs: number;
  /** Embeddings that failed in a row. */
  readonly failures: number;
  /** Why there is no embedder, and when it is tried again; null: there is one, or none is wanted. */
  readonly lack: { readonly reason: string; readonly retryAt: number } | null;
}

type Enable = Extract<CacheCommand, { type: 'cache.enable' }>;
type LookUp = Extract<CacheCommand, { type: 'cache.look_up' }>;
type Failure = Extract<CacheEvent, { reason: string; type: 'embedder.failed' | 'embedding.failed' }>;

/** Replaced by `provide`. */
const unboundWork = fromCallback<CacheWork, undefined>(() => {});

const base = setup({
  types: {
    context: {} as CacheContext,
    events: {} as CacheEvent,
    input: {} as Pick<CacheContext, 'reportTo'>,
    emitted: {} as CacheChanged,
  },
  actors: { work: unboundWork },
  delays: { retryMs: ({ context }) => context.retryMs },
  guards: {
    isSemantic: ({ event }) => (event as Enable).isSemantic,
    hasFailures: ({ context }) => context.failures > 0,
    isOneTooMany: ({ context }) => context.failures + 1 >= MOST_FAILURES,
  },
});

const lookUp = ({ type, slip, at }: LookUp, isSemantic: boolean): CacheWork => ({ type, slip, isSemantic, at });

const missed = ({ slip, at }: LookUp): CacheReportEvent =>
  slip.terms.cache?.status === 'asked_only'
    ? { type: 'cache.settled', slip, verdict: 'cache_miss', at }
    : { type: 'cache.missed', slip, at };

function changed(
  { context, event }: { readonly context: CacheContext; readonly event: CacheEvent },
  { from, to }: { readonly from: CacheState; readonly to: CacheState },
): CacheChanged {
  const { lack } = context;
  // The end of a delay is the one event without a time.
  const at = 'at' in event ? event.at : lack!.retryAt;
  return { type: 'cache.changed', from, to, at, ...(to === 'degraded' && { reason: lack!.reason }) };
}

export const cacheSetup = base.extend({
  actions: {
    keepOptions: base.assign(({ event }) => {
      const { isSemantic, retryMs } = event as Enable;
      return { isSemantic, retryMs };
    }),
    keepLack: base.assign(({ context, event }) => {
      const { reason, at } = event as Failure;
      return { failures: 0, lack: { reason, retryAt: at + context.retryMs } };
    }),
    forgetLack: base.assign({ failures: 0, lack: null }),
    forgetFailures: base.assign({ failures: 0 }),
    countFailure: base.assign(({ context }) => ({ failures: context.failures + 1 })),
    warmUp: base.sendTo('work', (): CacheWork => ({ type: 'embedder.load' })),
    lookUp: base.sendTo('work', ({ event }) => lookUp(event as LookUp, false)),
    lookUpInBothTiers: base.sendTo('work', ({ context, event }) => lookUp(event as LookUp, context.isSemantic)),
    /** To who does the work, as it came. */
    passOn: base.sendTo('work', ({ event }) => event as CacheWork),
    /** To the router, as it came. */
    reportOn: base.sendTo(
      ({ context }) => context.reportTo,
      ({ event }) => event as CacheReportEvent,
    ),
    replyMiss: base.sendTo(
      ({ context }) => context.reportTo,
      ({ event }) => missed(event as LookUp),
    ),
    announceChange: emit(changed),
  },
});
