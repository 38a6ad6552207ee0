import { greatestDefaultConcurrency, type ModelOptions } from '../model-options.ts';
import type { ModelConfig, QueueConfig } from './router-config.ts';

/** A model as `addModel` takes it, with what the configuration says of every model. */
export function modelOptionsOf(
  { expectedLatencyMs: _, ...model }: ModelConfig,
  { maxQueueDepth: usualDepth, maxConcurrency: usual }: QueueConfig = {},
): ModelOptions {
  const maxQueueDepth = model.maxQueueDepth ?? usualDepth;
  const own = model.maxConcurrency;
  const maxConcurrency =
    own ?? (usual === undefined ? undefined : Math.min(usual, greatestDefaultConcurrency(maxQueueDepth)));
  return { ...model, maxQueueDepth, maxConcurrency };
}
