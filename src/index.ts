export type { CacheChanged, CacheState } from '../machines/cache/events.ts';
export type {
  BreakerCause,
  BreakerChanged,
  BreakerWouldOpen,
  ControlChanged,
  RateLimitBegan,
  RateLimitEnded,
  RequestDisplaced,
  ResultStale,
} from '../machines/model/emitted.ts';
export type { AttemptFailed, EventDropped, RequestParked } from '../machines/settlement.ts';
export type { Answer, StreamChunk } from './answer.ts';
export type {
  Backend,
  BackendChunk,
  BackendContext,
  BackendFactory,
  BackendOptions,
  ContentPart,
  FinishReason,
  LLMRequest,
  LLMResponse,
  Message,
  ResponseFormat,
  Tool,
  ToolCall,
  ToolChoice,
  Usage,
} from './backends/backend.ts';
export { registerBackend } from './backends/registry.ts';
export type { BreakerMemo, WindowMemo } from './breaker/memo.ts';
export type { Trip, TripCause } from './breaker/memory.ts';
export { type BreakerOptions, DEFAULT_BREAKER, type TripPolicy } from './breaker/options.ts';
export type { Outcome } from './breaker/outcome.ts';
export type { BreakerState } from './breaker/state.ts';
export type { Tally } from './breaker/tally.ts';
export {
  type Embedder,
  EmbedderGoneError,
  type EmbedderProgress,
  TextTooLongError,
} from './cache/embedder.ts';
export type { LocalEmbedderOptions } from './cache/embedders/local.ts';
export type { OwnEmbedder } from './cache/embedders/own.ts';
export type { RouterEmbedderOptions } from './cache/embedders/router.ts';
export type { GuardLevel, GuardReason } from './cache/guard/guard.ts';
export type { CacheMode } from './cache/mode.ts';
export type { CacheOptions, EmbedderOption, Verify, VerifyModel } from './cache/options.ts';
export type { CachePurge, CacheStats } from './cache/stats.ts';
export type { VectorIndexStats } from './cache/vector-index.ts';
export type { Classify } from './call.ts';
export { type Clock, systemClock } from './clock.ts';
export type { BackendOf } from './config/apply.ts';
export { ConfigError, type Mistake } from './config/config-error.ts';
export { type LoadedConfig, type LoadOptions, loadConfig } from './config/load.ts';
export type { Environment } from './config/references.ts';
export type {
  CacheConfig,
  ModelConfig,
  QueueConfig,
  RouterConfig,
  RuleConfig,
  ServerConfig,
} from './config/router-config.ts';
export {
  BackendError,
  type BackendErrorOptions,
  CacheMissError,
  type CandidateReason,
  ConfigurationError,
  DeadlineError,
  type ErrorCode,
  InvalidRequestError,
  LLMRouterError,
  NoModelAvailableError,
  ProviderFailedError,
  ProviderRejectedError,
  RouterStoppedError,
  SnapshotError,
  StreamInterruptedError,
  UnknownModelError,
} from './errors.ts';
export type { ChatRequest, GenerateOptions, GenerationOptions } from './generate-options.ts';
export type { BackendHealth } from './health.ts';
export { type FromConfigOptions, LLMRouter } from './llm-router.ts';
export { generateLogic, type StreamLogicEvent, streamLogic } from './logics.ts';
export type { BreakerSettings, ModelOptions } from './model-options.ts';
export type { Pricing } from './pricing.ts';
export { type Boosts, DEFAULT_BOOSTS, PRIORITY_CLASSES, Priority, type PriorityClass } from './queue/priority.ts';
export type { Logger, RetryOptions, RetrySettings, RouterOptions } from './router-options.ts';
export type { CacheVerdict, MissReason, NotCachedReason } from './routing/cache-verdict.ts';
export type { CandidateExplanation, Explanation } from './routing/explain.ts';
export type { MetadataMatch, RuleMatch } from './routing/match.ts';
export type { ControlState } from './routing/model-view.ts';
export type { RoutingRule } from './routing/rule.ts';
export type { OnStreamFailure, SkipReason, WhenUnavailable } from './routing/slip.ts';
export type { Strategy } from './routing/strategy.ts';
export type { Trace, TraceAttempt, TraceCandidate } from './routing/trace.ts';
export type { UnservedCode } from './routing/unserved.ts';
export type { RouteOptions } from './routing-options.ts';
export type { Inspection, InspectOptions } from './server/inspector-options.ts';
export type { Restoration, RouterSnapshot } from './snapshot.ts';
export type { ModelStatus } from './status.ts';
export type { RequestInput } from './submission.ts';
export type { Percentiles } from './telemetry/distribution.ts';
export type {
  ListenerFailedEvent,
  QueueChangedEvent,
  RequestSettledEvent,
  RouterEventName,
  RouterEvents,
} from './telemetry/events.ts';
export type { RouterStats } from './telemetry/stats.ts';
export type { SpawnRouter } from './wiring.ts';
