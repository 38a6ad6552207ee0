import type { ModelLimits } from '../machines/model/context.ts';
import { createBackend } from './backends/registry.ts';
import type { ModelBackend } from './call.ts';
import type { ResolvedModelOptions } from './model-options.ts';
import type { Pricing } from './pricing.ts';
import type { Logger } from './router-options.ts';
import type { ModelStatus } from './status.ts';

/** What is known of a model outside the charts: its backend, and what an operator is told of it. */
export interface FleetModel extends ModelBackend {
  readonly about: Pick<ModelStatus, 'provider' | 'model' | 'upstream'>;
  readonly pricing: Pricing | null;
  /** It answers requests; else it serves embeddings. */
  readonly isChat: boolean;
  /** Its breaker is its own, whatever the router's options. */
  readonly hasOwnBreaker: boolean;
  /** Which of its calls are answered piece by piece. */
  readonly streaming: ModelLimits['streaming'];
}

interface Removal {
  readonly promise: Promise<void>;
  readonly done: () => void;
}

/** The models of a router with their backends, which no chart may hold, and the removals that are under way. */
export class Fleet {
  readonly #models = new Map<string, FleetModel>();
  readonly #removals = new Map<string, Removal>();
  readonly #logger: Logger;
  #closed: Promise<void> | null = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get models(): ReadonlyMap<string, FleetModel> {
    return this.#models;
  }

  /** Those that requests can go to. The chart may still have to hear of the latest, when a listener has added them. */
  get names(): readonly string[] {
    return [...this.#models.keys()].filter((name) => !this.#removals.has(name));
  }

  /** Those of them that answer requests. */
  get chatNames(): readonly string[] {
    return this.names.filter((name) => this.#models.get(name)!.isChat);
  }

  /** @throws {ConfigurationError} when the provider cannot be made of its options */
  add(name: string, resolved: ResolvedModelOptions): FleetModel {
    const { provider, providerOptions, options, classify, upstream, profile } = resolved;
    const { model } = providerOptions;
    const backend = resolved.backend ?? createBackend(provider, { ...providerOptions, name });
    const added: FleetModel = {
      backend,
      provider,
      options,
      classify,
      about: { provider, model: typeof model === 'string' ? model : null, upstream },
      pricing: profile.pricing,
      isChat: profile.serves === 'chat',
      hasOwnBreaker: resolved.breaker !== undefined,
      streaming: backend.stream === undefined ? 'never' : resolved.upstreamStreaming ? 'always' : 'on_request',
    };
    this.#models.set(name, added);
    return added;
  }

  isLeaving(name: string): boolean {
    return this.#removals.has(name);
  }

  /** Resolves when the model is gone; asked again, the same promise. */
  leave(name: string): Promise<void> {
    let removal = this.#removals.get(name);
    if (removal === undefined) {
      let done!: () => void;
      const promise = new Promise<void>((resolve) => {
        done = resolve;
      });
      removal = { promise, done };
      this.#removals.set(name, removal);
    }
    return removal.promise;
  }

  /** The chart of a removed model has ended: its backend is closed, then its name is free. */
  async left(name: string): Promise<void> {
    const model = this.#models.get(name);
    this.#models.delete(name);
    await this.#close(name, model);
    const removal = this.#removals.get(name);
    this.#removals.delete(name);
    removal?.done();
  }

  /** Once, however often it is asked for. */
  closeAll(): Promise<void> {
    this.#closed ??= Promise.all([...this.#models].map(([name, model]) => this.#close(name, model))).then(() => {
      for (const { done } of this.#removals.values()) done();
    });
    return this.#closed;
  }

  async #close(name: string, model: FleetModel | undefined): Promise<void> {
    try {
      await model?.backend.close?.();
    } catch (error) {
      this.#logger.warn({ model: name, error }, 'a backend could not be closed');
    }
  }
}
