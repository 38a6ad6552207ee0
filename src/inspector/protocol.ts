import type { CacheState } from '../../machines/cache/events.ts';
import type { BreakerCause } from '../../machines/model/emitted.ts';
import type { Trip } from '../breaker/memory.ts';
import type { BreakerState } from '../breaker/state.ts';
import type { PriorityClass } from '../queue/priority.ts';
import type { ControlState } from '../routing/model-view.ts';
import type { Attempt } from '../routing/slip.ts';
import type { Trace } from '../routing/trace.ts';
import type { Percentiles } from '../telemetry/distribution.ts';

// What an inspector tells its viewers: plain JSON, figures and names only. Every time (`at`, `until`, …) is in
// milliseconds since the Unix epoch, by the router's clock; every duration (`ms`, `…Ms`) in milliseconds.

/** The value of a statechart's state, as XState writes it: nested by region. */
export type StateValue = string | { readonly [region: string]: StateValue };

/** Which chart an actor runs; `logic`: none, such as a slot or the timers. */
export type ActorKind = 'llm-router' | 'model' | 'cache' | 'logic';

export interface ActorInfo {
  /** Its path below the root: `router`, `model:gpu`, `model:gpu#slot:0`, `timers`, `cache`. Unique among those that run. */
  readonly id: string;
  /** null: the root. */
  readonly parent: string | null;
  readonly kind: ActorKind;
}

/**
 * What has changed since the frame before; whole when `full`. Frames are made at most 20 times a second. A viewer that
 * reads too slowly misses some, and gets a full one then, with the marks, samples and requests that it has missed.
 */
export interface Frame {
  readonly full: boolean;
  readonly at: number;
  /** When the inspector was made; only when `full`. With another one, marks, samples and requests begin anew. */
  readonly since?: number;
  /** Actors that are new. */
  readonly actors?: readonly ActorInfo[];
  /** Actors that have stopped, by id; to be read before `actors`. */
  readonly stopped?: readonly string[];
  /** The state of each chart that has changed, by actor. */
  readonly states?: Readonly<Record<string, StateValue>>;
  /** The figures of each model that have changed, by its name; of a new one, and when `full`, all. null: the model is gone. */
  readonly models?: Readonly<Record<string, Partial<ModelFigures> | null>>;
  readonly router?: RouterFigures;
  readonly traffic?: Traffic;
  /** How often each edge was taken since the frame before; when `full`, since the inspector was attached. By actor, then by edge. */
  readonly taken?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly log?: readonly LogLine[];
  /** Events that were sent and are not in `log`, because there were more than it takes. */
  readonly dropped?: number;
  readonly marks?: readonly Mark[];
  /** One for each model and second that is over. */
  readonly samples?: readonly Sample[];
  /** Settled requests, oldest first. */
  readonly requests?: readonly RequestRow[];
}

/** One model, as its card shows it. */
export interface ModelFigures {
  readonly provider: string;
  /** The provider's name for the model; null: it has none. */
  readonly model: string | null;
  readonly breaker: {
    readonly state: BreakerState;
    /** When it turns half-open; null unless it is open. */
    readonly until: number | null;
    /** How long it is open in all, from its opening to `until`; null unless it is open. */
    readonly openForMs: number | null;
    readonly failures: number;
    /** Failures in a row that open it; null where a rate does, or where it is switched off. */
    readonly threshold: number | null;
    /** Probes in a row that have succeeded, and how many close it. */
    readonly successes: number;
    readonly successThreshold: number | null;
    readonly probes: number;
    readonly maxProbes: number | null;
    readonly opens: number;
  };
  readonly control: ControlState;
  /** `accepting`, `saturated`, `full`, `holding`, `blocked`, `probing`. */
  readonly queueState: string;
  readonly waiting: Readonly<Record<PriorityClass, number>>;
  readonly backingOff: number;
  /** Waiting, backing off and running: what `maxQueueDepth` bounds. */
  readonly depth: number;
  readonly maxQueueDepth: number;
  readonly running: number;
  readonly lingering: number;
  readonly runningLimit: number;
  readonly maxConcurrency: number;
  /** Which slots have a call, by slot. */
  readonly busySlots: readonly number[];
  /** Until when its provider wants to be left alone; null: no limit holds. */
  readonly limitedUntil: number | null;
  /** Of calls that ended in the last minute; the percentiles are of the last 512 of them, where there were more. */
  readonly minute: {
    readonly successes: number;
    readonly failures: number;
    readonly rateLimited: number;
    readonly latencyMs: Percentiles;
    readonly timeToFirstTokenMs: Percentiles;
  };
}

export interface RuleInfo {
  readonly name: string;
  /** The priority that it matches; null: any, or more than a priority. */
  readonly priority: PriorityClass | null;
  /** What it matches, in words. */
  readonly match: string;
  readonly targets: readonly string[];
  readonly fallback: readonly string[];
  readonly strategy: string;
}

export interface RouterFigures {
  readonly rules: readonly RuleInfo[];
  /** Accepted and not settled. */
  readonly pending: number;
  /** Waiting outside every model for one to come back. */
  readonly parked: number;
  /** Requests that settled in the last minute, and the seconds of it that were watched. */
  readonly minute: {
    readonly seconds: number;
    readonly served: number;
    readonly failed: number;
    readonly cancelled: number;
    readonly timeToFirstTokenMs: Percentiles;
    readonly cache: {
      readonly exact: number;
      readonly semantic: number;
      readonly shared: number;
      readonly missed: number;
    };
  };
  /** null: there is no cache. */
  readonly cache: { readonly state: CacheState; readonly reason: string | null; readonly entries: number } | null;
}

/** Requests that settled in the last minute, by the way they went. */
export interface Traffic {
  /** From a priority, by a rule (null: none matched), to the first model that was called. */
  readonly first: readonly {
    readonly priority: PriorityClass;
    readonly rule: string | null;
    readonly model: string;
    readonly count: number;
  }[];
  /** From a model that did not serve to the next that was called. */
  readonly fallback: readonly { readonly from: string; readonly to: string; readonly count: number }[];
  /** By priority: settled in all, also without any call. */
  readonly settled: Readonly<Record<PriorityClass, number>>;
}

/** An event from one actor to another. `n` counts all events, those that were dropped too. */
export interface LogLine {
  readonly n: number;
  readonly at: number;
  /** null: from outside the charts. */
  readonly from: string | null;
  readonly to: string;
  readonly event: string;
}

/** Something rare that happened to a model, or to the cache. `n` counts them, from 1. */
export type Mark = { readonly n: number; readonly at: number } & (
  | {
      readonly kind: 'breaker';
      readonly model: string;
      readonly from: BreakerState;
      readonly to: BreakerState;
      readonly cause: BreakerCause;
      /** How long it stays open; null unless it has opened. */
      readonly openForMs: number | null;
      readonly opens: number;
      readonly trip?: Trip;
      /** The request whose result decided, its status and its code. */
      readonly requestId?: string;
      readonly status?: number;
      readonly code?: string;
    }
  | { readonly kind: 'would_open'; readonly model: string; readonly trip: Trip; readonly requestId: string }
  | { readonly kind: 'control'; readonly model: string; readonly from: ControlState; readonly to: ControlState }
  | {
      readonly kind: 'limit_began';
      readonly model: string;
      readonly requestId: string;
      readonly forMs: number;
      /** Limits in a row without a success between them. */
      readonly strikes: number;
    }
  | { readonly kind: 'limit_ended'; readonly model: string }
  /** An operator's command by this inspector that has changed no state, such as the reset of a closed breaker. */
  | { readonly kind: 'command'; readonly model: string; readonly command: Command }
  | { readonly kind: 'added' | 'removed'; readonly model: string }
  | {
      readonly kind: 'cache';
      readonly model: null;
      readonly from: CacheState;
      readonly to: CacheState;
      readonly reason: string | null;
    }
);

/** One second of one model. Only seconds in which somebody watched are told. */
export interface Sample {
  readonly model: string;
  /** The end of the second. */
  readonly at: number;
  /** The queue's depth at that moment. */
  readonly depth: number;
  readonly breaker: BreakerState;
  readonly control: ControlState;
  readonly limited: boolean;
  /** Calls that failed in it, were answered 429, and waiting requests that were displaced; absent: none. */
  readonly failures?: Happened;
  readonly rateLimited?: Happened;
  readonly displaced?: Happened;
}

export interface Happened {
  readonly count: number;
  /** The last of them. */
  readonly requestId: string;
  readonly status?: number;
  readonly code?: string;
}

/** How a settled request ended: `served`, or as the error's code says (`cancelled`: its caller left). */
export interface RequestRow {
  /** Counts settled requests, from 1. */
  readonly n: number;
  readonly id: string;
  /** When it was settled. */
  readonly at: number;
  readonly priority: PriorityClass;
  readonly rule: string | null;
  readonly tenant?: string;
  readonly served: boolean;
  /** The error's code; absent when it was served. */
  readonly code?: string;
  /** Who answered, or was asked last; absent: nobody was. */
  readonly model?: string;
  /** Every model that was called, in order of first contact; only of more than one. */
  readonly called?: readonly string[];
  readonly ms: number;
  /** In queues. */
  readonly waitedMs: number;
  /** Calls of backends. */
  readonly attempts: number;
  readonly cache?: 'exact' | 'semantic' | 'shared' | 'missed';
  readonly streamed: boolean;
}

/** All that is known of one settled request; asked for one by one. */
export interface RequestDetail {
  readonly row: RequestRow;
  readonly acceptedAt: number;
  readonly deadline: number;
  /** All candidates in their order, those that were never asked too. */
  readonly candidates: readonly string[];
  /** Every call in its order, with its wait in the model's queue. */
  readonly calls: readonly Attempt[];
  /** Its times (`startedAt`), as those of `calls`, are on the scale of `acceptedAt`. */
  readonly trace: Trace;
  /** Only with `includeContent`. */
  readonly content?: { readonly prompt: string; readonly answer: string | null };
}

export const COMMANDS = ['force_open', 'force_closed', 'reset', 'pause', 'resume', 'drain'] as const;

/** What an operator can do to a model. */
export type Command = (typeof COMMANDS)[number];

/** What a viewer may do; the answer to `GET session`. */
export interface Session {
  /** Whether frames and requests are shown without a key, or with the one that was given. */
  readonly view: boolean;
  readonly control: boolean;
  /** Whether there is an admin key to be given. */
  readonly keyed: boolean;
}

/** Names an edge: the node that it leaves, its event, and which it is among those of the same event there. */
export const edgeId = (source: string, event: string, index: number): string => `${source} ${event} ${index}`;
