export type { BreakerState } from '../src/breaker/state.ts';
export type { Slip, Terms } from '../src/routing/slip.ts';
export type {
  CacheChanged,
  CacheCommand,
  CacheEvent,
  CacheReportEvent,
  CacheState,
  CacheWork,
} from './cache/events.ts';
export type { CacheContext } from './cache/setup.ts';
export { createCacheLogic } from './cache.logic.ts';
export { cacheMachine } from './cache.machine.ts';
export type {
  CallEvent,
  CallFigures,
  CallTimeouts,
  CancelReason,
  HeldKey,
  ModelCommand,
  ModelEvent,
  ModelReportEvent,
  OperatorCommand,
  RequestCancelEvent,
  RequestEvent,
  SlotCommand,
  SlotEvent,
  TimerCommand,
  TimerDueEvent,
} from './events.ts';
export type { ModelContext, ModelInput, ModelLimits, SlotInput } from './model/context.ts';
export type {
  BreakerCause,
  BreakerChanged,
  BreakerWouldOpen,
  ControlChanged,
  ModelEmitted,
  RateLimitBegan,
  RateLimitEnded,
  RequestDisplaced,
  ResultStale,
} from './model/emitted.ts';
export { modelMachine } from './model/model.machine.ts';
export { viewOf } from './model/view.ts';
export type { CachePort, CallObserver, CallPort, CallResult, RunningCall, SilenceCode, TimePort } from './ports.ts';
export {
  cacheOf,
  createRequest,
  type RequestDesk,
  type RequestMessage,
  type RouterRef,
  requestDesk,
  type TakesRequests,
  type Ticket,
} from './request.ts';
export type { ModelRef, RouterContext, RouterEvent } from './router/events.ts';
export { routerMachine } from './router.machine.ts';
export type {
  AttemptFailed,
  EventDropped,
  ModelAdded,
  ModelRemoved,
  RequestParked,
  RequestSettled,
  RouterEmitted,
  Settlement,
} from './settlement.ts';
export { createSlotLogic } from './slot.logic.ts';
export { createTimersLogic } from './timers.logic.ts';
