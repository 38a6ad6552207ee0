import type { RequestSettled } from '../../machines/settlement.ts';
import type { CacheStats } from '../cache/stats.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../queue/priority.ts';
import { Distribution, type Percentiles } from './distribution.ts';

/** Counts since the router was made. Cancelled requests count in `totalRequests` only. */
export interface RouterStats {
  readonly totalRequests: number;
  readonly successes: number;
  readonly failures: number;
  readonly cancelled: number;
  /** successes / (successes + failures); 0 before the first. */
  readonly successRate: number;
  /** Successes that were answered from the cache; `cache` has them by kind. */
  readonly cacheHits: number;
  /** How the cache does; null: there is none. */
  readonly cache: CacheStats | null;
  /** Of successes, in milliseconds, from acceptance to settlement. */
  readonly avgLatencyMs: number;
  readonly latencyMs: Percentiles;
  /** Successes by the model that served them. */
  readonly requestsByModel: Readonly<Record<string, number>>;
  /** Settled requests by class. */
  readonly requestsByPriority: Readonly<Record<PriorityClass, number>>;
}

/** Figures of one model's calls. */
export interface ModelFigures {
  readonly latencyMs: Distribution;
  readonly timeToFirstTokenMs: Distribution;
  successes: number;
  failures: number;
  rateLimited: number;
  /** When the model was added. */
  readonly since: number;
}

export class Stats {
  #total = 0;
  #successes = 0;
  #cacheHits = 0;
  #failures = 0;
  readonly #latency = new Distribution();
  readonly #byModel = new Map<string, number>();
  readonly #byPriority: Record<PriorityClass, number> = { critical: 0, high: 0, normal: 0, low: 0 };
  readonly #models = new Map<string, ModelFigures>();

  record(event: RequestSettled): void {
    const { slip, key, verdict, model, at } = event.settlement;
    this.recordCalls(event);
    this.#total++;
    this.#byPriority[key.class]++;
    if (verdict === 'served') {
      this.#successes++;
      this.#latency.record(at - key.arrival);
      const cache = slip!.terms.cache?.status;
      if (cache === 'hit') this.#cacheHits++;
      // Nobody was called for it.
      if (cache === 'hit' || cache === 'shared') return;
      this.#byModel.set(model!, (this.#byModel.get(model!) ?? 0) + 1);
    } else if (verdict !== 'aborted') this.#failures++;
  }

  /** Of a request that the router made for itself: only what its calls tell of the models. */
  recordCalls({ settlement: { slip } }: RequestSettled): void {
    for (const attempt of slip?.attempts ?? []) {
      const figures = this.#models.get(attempt.model);
      // The model is gone, or a new one has its name.
      if (figures === undefined || attempt.startedAt < figures.since) continue;
      if (attempt.firstTokenMs !== undefined) figures.timeToFirstTokenMs.record(attempt.firstTokenMs);
      if (attempt.outcome === 'success') {
        figures.successes++;
        figures.latencyMs.record(attempt.ms);
      } else if (attempt.outcome === 'failure') figures.failures++;
      else if (attempt.outcome === 'rate_limited') figures.rateLimited++;
    }
  }

  of(model: string): ModelFigures {
    return this.#models.get(model) ?? this.begin(model, Number.NEGATIVE_INFINITY);
  }

  /** Counts a model from nothing. */
  begin(model: string, since: number): ModelFigures {
    const figures: ModelFigures = {
      latencyMs: new Distribution(),
      timeToFirstTokenMs: new Distribution(),
      successes: 0,
      failures: 0,
      rateLimited: 0,
      since,
    };
    this.#models.set(model, figures);
    return figures;
  }

  forget(model: string): void {
    this.#models.delete(model);
  }

  snapshot(cache: CacheStats | null = null): RouterStats {
    const judged = this.#successes + this.#failures;
    return {
      totalRequests: this.#total,
      successes: this.#successes,
      failures: this.#failures,
      cancelled: this.#total - judged,
      successRate: judged === 0 ? 0 : this.#successes / judged,
      cacheHits: this.#cacheHits,
      cache,
      avgLatencyMs: this.#latency.mean,
      latencyMs: this.#latency.percentiles(),
      requestsByModel: Object.fromEntries(this.#byModel),
      requestsByPriority: Object.fromEntries(
        PRIORITY_CLASSES.map((priority) => [priority, this.#byPriority[priority]]),
      ) as Record<PriorityClass, number>,
    };
  }
}
