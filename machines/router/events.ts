import type { ActorRefFrom } from 'xstate';
import type { RestoredBreaker } from '../../src/breaker/memo.ts';
import type { BreakerOptions } from '../../src/breaker/options.ts';
import type { Boosts } from '../../src/queue/priority.ts';
import type { Parking } from '../../src/routing/parking.ts';
import type { RoutingRule } from '../../src/routing/rule.ts';
import type { Slip, SlipKey } from '../../src/routing/slip.ts';
import type { StrategyMemory } from '../../src/routing/strategies/ordering.ts';
import type { CacheCommand, CacheReportEvent } from '../cache/events.ts';
import type { ModelReportEvent, OperatorCommand, RequestCancelEvent, RequestEvent, TimerDueEvent } from '../events.ts';
import type { ModelInput } from '../model/context.ts';
import type { modelMachine } from '../model/model.machine.ts';

export type ModelRef = ActorRefFrom<typeof modelMachine>;

export interface RouterContext {
  /** The models that requests can go to, in order of registration. */
  readonly models: Readonly<Record<string, ModelRef>>;
  /** Of these, the names of those that answer requests, in the same order; the others serve embeddings. */
  readonly chatModels: readonly string[];
  /** Models that were removed and still finish what they have. */
  readonly leaving: Readonly<Record<string, ModelRef>>;
  /** Tried in this order. */
  readonly rules: readonly RoutingRule[];
  /** Requests that wait outside every model for one of their candidates to come back. */
  readonly parked: Parking;
  readonly maxParked: number;
  readonly boosts: Boosts;
  /** What the strategies remember: the seed of their draws and the turns of their rotations. */
  readonly strategies: StrategyMemory;
}

export type RouterEvent =
  | RequestEvent
  | RequestCancelEvent
  /** Sent to itself behind a `request.cancel`: by then whoever held the request has answered. */
  | (Omit<RequestCancelEvent, 'type'> & { readonly type: 'request.cancelled' })
  /** Sent to itself: a parked request has given way to a more important one. */
  | { readonly type: 'request.displaced'; readonly slip: Slip; readonly at: number }
  /** Sent to itself behind a request that is woken: by then it is on its way to its model. */
  | { readonly type: 'request.woken'; readonly model: string; readonly after: SlipKey; readonly at: number }
  | TimerDueEvent
  | CacheReportEvent
  | Extract<CacheCommand, { type: 'cache.enable' }>
  | ModelReportEvent
  | { readonly type: 'model.add'; readonly input: Omit<ModelInput, 'reportTo'> }
  | { readonly type: 'model.remove'; readonly model: string; readonly graceMs: number; readonly at: number }
  /** A rule of the same name is replaced where it stands. */
  | { readonly type: 'rule.put'; readonly rule: RoutingRule }
  | { readonly type: 'rule.remove'; readonly name: string }
  | {
      readonly type: 'breaker.configure';
      readonly models: readonly string[];
      readonly breaker: BreakerOptions | null;
      readonly at: number;
    }
  | {
      readonly type: 'router.configure';
      /** Requests that may be parked at once. */
      readonly maxParked: number;
      readonly boosts: Boosts;
      /** Of the strategies' draws. */
      readonly seed: number;
    }
  | { readonly type: 'model.command'; readonly model: string; readonly command: OperatorCommand; readonly at: number }
  | {
      readonly type: 'models.restore';
      readonly memos: Readonly<Record<string, RestoredBreaker>>;
      readonly at: number;
    }
  | { readonly type: 'stop'; readonly at: number }
  /** The grace of a stop is over. */
  | { readonly type: 'abort'; readonly at: number }
  /** Nothing is pending any more. */
  | { readonly type: 'end'; readonly at: number };
