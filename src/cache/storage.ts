import type { EmbedderEvent } from '../../machines/cache/events.ts';
import type { Answer } from '../answer.ts';
import { isError } from '../is-error.ts';
import type { Slip } from '../routing/slip.ts';
import { notStorable } from './cacheable.ts';
import { storedAnswerOf } from './copies.ts';
import { Denials } from './denials.ts';
import { EmbedderGoneError, type EmbedderProgress, type EmbedderSource } from './embedder.ts';
import { embedderSource } from './embedder-source.ts';
import { CacheEntries } from './entries.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { CacheHost } from './host.ts';
import { loadHnsw } from './index/hnsw.ts';
import { createJudge, type Judge, type JudgeFigures } from './judge.ts';
import type { ResolvedCacheOptions } from './options.ts';
import { purge } from './purge.ts';
import { SemanticTier } from './semantic-tier.ts';
import { openSqliteStore } from './sqlite/open.ts';
import type { StoreFailure } from './sqlite/write-behind.ts';
import type { CachePurge, CacheStats } from './stats.ts';
import { StoreGate } from './store-gate.ts';
import { createVectorIndex, type VectorIndex } from './vector-index.ts';

/** Expired rows that nobody asks for are looked for this often. */
const SWEEP_MS = 60_000;
/** What shows that an embedder answers. */
const PROBE = 'Does this embedder work?';
/** Pairs of prompts of which it is remembered that they ask for different things. */
const MAX_DENIALS = 10_000;

/** What is stored, in memory and in a file, and what finds it. */
export class Storage {
  readonly entries: CacheEntries;
  readonly judgements: JudgeFigures = { yes: 0, no: 0, unclear: 0, cost: 0 };
  readonly #options: ResolvedCacheOptions;
  readonly #host: CacheHost;
  readonly #source: EmbedderSource | null;
  readonly #judge: Judge | null;
  readonly #denials = new Denials(MAX_DENIALS);
  readonly #gate = new StoreGate();
  readonly #opened: Promise<void>;
  #index: VectorIndex | null = null;
  #dimensions: number | null = null;
  #semantic: SemanticTier | null = null;
  #progress: EmbedderProgress | null = null;
  #stored = 0;
  #warning: string | null = null;
  #unwritten = 0;
  readonly #stopping = new AbortController();
  /** What was purged before the file was read. */
  #purged: CachePurge[] | null = [];
  #isClosed = false;
  #sweep: unknown;

  /** @throws {ConfigurationError} */
  constructor(options: ResolvedCacheOptions, host: CacheHost) {
    this.#options = options;
    this.#host = host;
    this.#source = embedderSource(options.embedder, host);
    this.#judge = createJudge(options.verify, host, this.judgements);
    this.entries = new CacheEntries({
      maxEntries: options.maxEntries,
      clock: host.clock,
      store: options.path === null ? null : this.#gate,
      onGone: (key) => this.#denials.forget(key),
    });
    this.#opened = this.#open();
    this.#sweepLater();
  }

  /** null: there is no embedder, or not yet. */
  get semantic(): SemanticTier | null {
    return this.#semantic;
  }

  get isSemantic(): boolean {
    return this.#source !== null;
  }

  /** What the vectors are, or will be, of. */
  get embedderId(): string | null {
    return this.#source?.id() ?? null;
  }

  /** Resolves when what the file holds is served. */
  get opened(): Promise<void> {
    return this.#opened;
  }

  /** Loads the embedder, and tells from then on how it does. Never rejects. */
  async load(report: (event: EmbedderEvent) => void): Promise<void> {
    const { clock } = this.#host;
    this.#semantic = null;
    const tell = (event: EmbedderEvent): void => {
      if (!this.#isClosed) report(event);
    };
    try {
      const [embedder, hnsw] = await Promise.all([
        this.#source!.load((progress) => this.#onProgress(progress), this.#stopping.signal),
        loadHnsw(),
      ]);
      if (this.#isClosed) return;
      if (this.#dimensions !== embedder.dimensions) this.#useIndex(embedder.dimensions, hnsw);
      const tier = this.#createTier(embedder, this.#index!, tell);
      // One that loads and then answers nothing would cost five requests their time, again and again.
      const vector = await tier.embed(PROBE, this.#stopping.signal);
      // One that finds the probe too long answers too.
      if (typeof vector === 'string' && vector !== 'too_long') return;
      this.#semantic = tier;
      tell({ type: 'embedder.loaded', at: clock.now() });
    } catch (error) {
      const reason = isError(error) ? error.message : typeof error;
      tell({ type: 'embedder.failed', reason, at: clock.now() });
    } finally {
      this.#progress = null;
    }
  }

  /** Stores an answer. false: it may not be. */
  put({ asked, vector, slip, answer, byFallback, tenant, cacheScope }: Candidate): boolean {
    const wasRestarted = slip.attempts.filter(({ firstTokenMs }) => firstTokenMs !== undefined).length > 1;
    const served = { response: answer, byFallback, wasAborted: false, wasRestarted };
    if (this.#isClosed || notStorable(served, this.#options) !== null) return false;
    const storedAt = this.#host.clock.wallNow();
    const expiresAt = storedAt + this.#options.ttlMs;
    const labels = { tenant, cacheScope };
    this.entries.put({ ...asked, answer: storedAnswerOf(answer), storedAt, expiresAt, vector, ...labels });
    this.#stored++;
    return true;
  }

  /** Gives a row its vector that was stored without one. */
  async embed({ key, text }: Fingerprint): Promise<void> {
    if (text === null || this.#semantic === null) return;
    const vector = await this.#semantic.embed(text, new AbortController().signal);
    if (typeof vector !== 'string' && !this.#isClosed) this.entries.setVector(key, vector);
  }

  /** The router stops: nothing is loaded any more. */
  release(): void {
    this.#stopping.abort(new EmbedderGoneError('the router was stopped'));
  }

  /** Forgets answers, and returns how many. @throws {ConfigurationError} */
  purge(what: CachePurge): number {
    const count = purge(this.entries, what);
    this.#purged?.push(what);
    return count;
  }

  stats(): Omit<CacheStats, 'state' | 'reason' | 'hits' | 'misses' | 'shared'> {
    return {
      ...this.entries.stats(),
      embedderId: this.embedderId,
      stored: this.#stored,
      index: this.#index?.stats() ?? null,
      loading: this.#progress,
      judgements: { ...this.judgements },
      warning: this.#warning,
      unwritten: this.#unwritten,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.clock.clearTimeout(this.#sweep);
    await this.#opened;
    await Promise.all([this.#gate.close(), this.#source?.close(), this.#index?.close()]);
  }

  async #open(): Promise<void> {
    const { path, flushIntervalMs } = this.#options;
    const { clock, logger } = this.#host;
    if (path === null) {
      this.#purged = null;
      return;
    }
    try {
      const onFailure = ({ dropped }: StoreFailure): void => {
        this.#unwritten += dropped;
      };
      const { embedderId } = this;
      const opened = await openSqliteStore({ path, embedderId, flushIntervalMs, clock, logger, onFailure });
      this.#warning = opened.warning;
      for (const row of opened.rows) this.entries.restore(row);
      for (const [alias, key] of opened.aliases) this.entries.restoreAlias(alias, key);
      for (const what of this.#purged!) purge(this.entries, what);
      this.#gate.open(opened.store);
    } catch (error) {
      this.#warning = isError(error) ? error.message : typeof error;
      logger.warn({ path }, this.#warning);
      this.#gate.open(null);
    } finally {
      this.#purged = null;
    }
  }

  #useIndex(dimensions: number, hnsw: Awaited<ReturnType<typeof loadHnsw>>): void {
    const { logger } = this.#host;
    if (hnsw === null && this.#index === null) {
      logger.warn({}, 'hnswlib-node is not installed: every look-up in the cache scans its whole scope');
    }
    const { maxEntries } = this.#options;
    void this.#index?.close();
    this.#dimensions = dimensions;
    this.#index = createVectorIndex({ dimensions, maxEntries, hnsw, logger });
    this.entries.useIndex(this.#index);
  }

  #createTier(
    embedder: ConstructorParameters<typeof SemanticTier>[0],
    index: VectorIndex,
    tell: (event: EmbedderEvent) => void,
  ): SemanticTier {
    const { clock } = this.#host;
    const { similarityThreshold, guard, embedTimeoutMs } = this.#options;
    let hasFailed = false;
    return new SemanticTier(embedder, index, {
      clock,
      entries: this.entries,
      denials: this.#denials,
      judge: this.#judge,
      similarityThreshold,
      guard,
      embedTimeoutMs,
      onEmbedding: (failure) => {
        const at = clock.now();
        if (failure !== null) {
          const type = failure.isGone || this.#semantic === null ? 'embedder.failed' : 'embedding.failed';
          tell({ type, reason: failure.reason, at });
        } else if (hasFailed) tell({ type: 'embedding.succeeded', at });
        hasFailed = failure !== null;
      },
    });
  }

  #onProgress(progress: EmbedderProgress): void {
    this.#progress = progress;
    const { file, loadedBytes, totalBytes } = progress;
    this.#host.logger.debug({ file, loaded_bytes: loadedBytes, total_bytes: totalBytes }, 'loading the embedder');
  }

  #sweepLater(): void {
    const { clock } = this.#host;
    this.#sweep = clock.setTimeout(() => {
      this.entries.purgeStale();
      this.#sweepLater();
    }, SWEEP_MS);
  }
}

/** An answer that may be stored. */
interface Candidate {
  readonly asked: Fingerprint;
  readonly vector: Float32Array | null;
  readonly slip: Slip;
  readonly answer: Answer;
  readonly byFallback: boolean;
  readonly tenant: string | null;
  readonly cacheScope: string | null;
}
