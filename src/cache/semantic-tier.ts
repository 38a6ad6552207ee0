import type { Clock } from '../clock.ts';
import { LLMRouterError } from '../errors.ts';
import { isError } from '../is-error.ts';
import type { MissReason } from '../routing/cache-verdict.ts';
import type { Denials } from './denials.ts';
import { type Embedder, EmbedderGoneError, TextTooLongError } from './embedder.ts';
import type { CacheEntries, CacheEntry } from './entries.ts';
import { type GuardLevel, veto } from './guard/guard.ts';
import type { Judge } from './judge.ts';
import { untilAborted } from './until-aborted.ts';
import type { VectorIndex } from './vector-index.ts';

export interface SemanticTierPorts {
  readonly clock: Clock;
  readonly entries: CacheEntries;
  readonly denials: Denials;
  readonly judge: Judge | null;
  readonly similarityThreshold: number;
  readonly guard: GuardLevel;
  readonly embedTimeoutMs: number;
  /** Hears how the embedder does, but for texts that are too long and callers that have left. */
  readonly onEmbedding: (failure: { readonly reason: string; readonly isGone: boolean } | null) => void;
}

/** Who asks what, and where an answer may come from. */
export interface Question {
  readonly key: string;
  readonly scope: string;
  readonly text: string;
}

export type Found =
  | { readonly entry: CacheEntry; readonly similarity: number; readonly isVerified: boolean }
  | { readonly reason: MissReason; readonly similarity?: number; readonly veto?: string };

/** How many of the nearest are looked at: the guard may have something against the first. */
const NEAREST = 4;

/** Finds what is stored for a prompt that asks the same in other words. */
export class SemanticTier {
  readonly #ports: SemanticTierPorts;
  readonly #embedder: Embedder;
  readonly #index: VectorIndex;
  #succeededAt = Number.NEGATIVE_INFINITY;

  constructor(embedder: Embedder, index: VectorIndex, ports: SemanticTierPorts) {
    this.#embedder = embedder;
    this.#index = index;
    this.#ports = ports;
  }

  /** The vector of a text, or why there is none. Rejects when the caller has left. */
  async embed(text: string, signal: AbortSignal): Promise<Float32Array | MissReason> {
    const { clock, embedTimeoutMs, onEmbedding } = this.#ports;
    const controller = new AbortController();
    const onLeave = (): void => controller.abort(signal.reason);
    signal.addEventListener('abort', onLeave, { once: true });
    const startedAt = clock.now();
    const timeout = new DOMException(`no vector within ${embedTimeoutMs} ms`, 'TimeoutError');
    const timer = clock.setTimeout(() => controller.abort(timeout), embedTimeoutMs);
    try {
      // What ignores its signal is not waited for.
      const vector = await untilAborted(this.#embedder.embed(text, controller.signal), controller.signal);
      this.#succeededAt = clock.now();
      onEmbedding(null);
      return vector;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TextTooLongError) return 'too_long';
      const isLate = error === timeout;
      // Many at once are no fault of an embedder that answers others meanwhile.
      if (!isLate || this.#succeededAt < startedAt) {
        onEmbedding({ reason: this.#reasonOf(error), isGone: error instanceof EmbedderGoneError });
      }
      return isLate ? 'embedding_timed_out' : 'embedding_failed';
    } finally {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', onLeave);
    }
  }

  /** What others have thrown may quote the prompt. */
  #reasonOf(error: unknown): string {
    if (error instanceof EmbedderGoneError || error instanceof LLMRouterError) return error.message;
    const { id } = this.#embedder;
    if (error instanceof DOMException && error.name === 'TimeoutError') return `embedder '${id}' takes too long`;
    return `embedder '${id}' failed (${isError(error) ? error.name : typeof error})`;
  }

  /** Rejects when the caller has left. */
  async find({ key, scope, text }: Question, vector: Float32Array, signal: AbortSignal): Promise<Found> {
    const { entries, denials, guard, judge, similarityThreshold } = this.#ports;
    const nearest = this.#index.search(scope, vector, NEAREST);
    if (nearest.length === 0) return { reason: 'nothing_stored' };
    const { similarity } = nearest[0]!;
    if (similarity < similarityThreshold) return { reason: 'below_threshold', similarity };
    let miss: Found = { reason: 'nothing_stored' };
    for (const neighbour of nearest) {
      if (neighbour.similarity < similarityThreshold) break;
      const entry = entries.bySlot(neighbour.slot);
      if (entry === undefined) continue;
      const against = veto(text, entry.text!, guard);
      if (against !== null) {
        if (!('similarity' in miss)) miss = { reason: 'vetoed', similarity: neighbour.similarity, veto: against };
        continue;
      }
      if (denials.has(key, entry.key)) {
        if (!('similarity' in miss)) miss = { reason: 'denied', similarity: neighbour.similarity };
        continue;
      }
      if (judge === null) return { entry, similarity: neighbour.similarity, isVerified: false };
      const judgement = await judge(text, entry.text!, entry.answer.content, signal);
      signal.throwIfAborted();
      // Purged, expired or replaced meanwhile: it was another answer that was judged.
      if (entries.get(entry.key) !== entry) return { reason: 'nothing_stored' };
      if (judgement === 'yes') {
        entries.addAlias(key, entry.key);
        return { entry, similarity: neighbour.similarity, isVerified: true };
      }
      if (judgement === 'no') denials.add(key, entry.key);
      return { reason: judgement === 'no' ? 'denied' : 'unverified', similarity: neighbour.similarity };
    }
    return miss;
  }
}
