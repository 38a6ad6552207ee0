import type { ActorRefFrom } from 'xstate';
import type { BreakerOptions } from '../../src/breaker/options.ts';
import type { RoutingRule } from '../../src/routing/rule.ts';
import type { ModelReportEvent, RequestCancelEvent, RequestEvent, TimerDueEvent } from '../events.ts';
import type { ModelInput } from '../model/context.ts';
import type { modelMachine } from '../model/model.machine.ts';

export type ModelRef = ActorRefFrom<typeof modelMachine>;

export interface RouterContext {
  /** The models that requests can go to, in order of registration. */
  readonly models: Readonly<Record<string, ModelRef>>;
  /** Models that were removed and still finish what they have. */
  readonly leaving: Readonly<Record<string, ModelRef>>;
  /** Tried in this order. */
  readonly rules: readonly RoutingRule[];
}

export type RouterEvent =
  | RequestEvent
  | RequestCancelEvent
  /** Sent to itself behind a `request.cancel`: by then whoever held the request has answered. */
  | (Omit<RequestCancelEvent, 'type'> & { readonly type: 'request.cancelled' })
  | TimerDueEvent
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
  | { readonly type: 'stop'; readonly at: number }
  /** The grace of a stop is over. */
  | { readonly type: 'abort'; readonly at: number };
