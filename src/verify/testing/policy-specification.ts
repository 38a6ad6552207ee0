import type { PriorityClass } from '../../queue/priority.ts';
import type { Scalar } from '../../routing/match.ts';
import type { Policy } from '../policy.ts';
import type { OperatorEventType, PolicyEvent, PolicyObservation } from '../policy-events.ts';

/** What a router with this policy does, as a pure function: what paths are drawn from and routers are compared with. */
export interface PolicySpecification<State> {
  readonly policy: Policy;
  readonly initial: State;
  /** Pure: never changes `state`. Throws when the event cannot happen there (names which and why). */
  reduce(state: State, event: PolicyEvent): State;
  /** Everything that can happen there, with these kinds of events. */
  events(state: State, alphabet: PolicyAlphabet): readonly PolicyEvent[];
  /** What can be seen from outside. */
  observe(state: State): PolicyObservation;
  /** Two states with the same key behave alike from then on (names of requests, past and settled ones, and absolute times forgotten). */
  key(state: State): string;
}

/** Which events may happen to a router. */
export interface PolicyAlphabet {
  /** Requests that may come: by class and metadata. */
  readonly requests: readonly RequestKind[];
  /** How calls may end. */
  readonly outcomes: readonly CallOutcome[];
  /** Whether callers leave. */
  readonly cancels: boolean;
  /** What an operator does. */
  readonly operator: readonly OperatorEventType[];
  /** Pending requests at once, waiting outside or anywhere; absent: as many as fit. */
  readonly maxPending?: number;
}

/** What requests have in common that a policy treats alike. */
export interface RequestKind {
  readonly priority: PriorityClass;
  readonly metadata?: Readonly<Record<string, Scalar>>;
}

/** How a call ends: the `call.` events of `PolicyEvent` say what each is. */
export type CallOutcome = 'succeeded' | 'failed' | 'refused' | 'ignored' | 'rate_limited';
