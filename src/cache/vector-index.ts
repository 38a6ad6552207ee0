import type { Logger } from '../router-options.ts';
import { Arena } from './index/arena.ts';
import { type BuiltGraph, GraphBuild } from './index/graph-build.ts';
import { type HnswModule, releaseGraph } from './index/hnsw.ts';
import { Nearest, type Neighbour } from './index/nearest.ts';
import { Scope } from './index/scope.ts';
import { SlotTable } from './index/slot-table.ts';

export type { Neighbour };

/** The vectors of one cache; a scope's are never compared with another's. */
export interface VectorIndex {
  /**
   * Copies the vector, made a unit vector, and gives the slot it lies in: a small whole number that stands for the entry
   * until it is removed, and for another one later.
   * @throws RangeError when the vector is not finite, all zero or of another length, or when the index is full
   */
  add(scope: string, vector: Float32Array): number;
  /** Nothing when that slot is not in that scope. */
  remove(scope: string, slot: number): void;
  /**
   * Up to `k`, nearest first.
   * @throws RangeError when the vector is not finite, all zero or of another length
   */
  search(scope: string, vector: Float32Array, k: number): readonly Neighbour[];
  /** The stored unit vector, a copy. @throws RangeError when nothing lies in that slot */
  vectorOf(slot: number): Float32Array;
  stats(): VectorIndexStats;
  /** Forgets everything, ends the worker and removes its files. What is added later is scanned, never built upon. */
  close(): Promise<void>;
}

export interface VectorIndexStats {
  readonly vectors: number;
  /** Scopes with at least one vector. */
  readonly scopes: number;
  /** Scopes served by a graph. */
  readonly graphs: number;
  /** Whether a graph is being built. */
  readonly rebuilding: boolean;
  /** `exact`: without hnswlib-node every scope is scanned, of whatever size. */
  readonly kind: 'hnsw' | 'exact';
}

export interface VectorIndexOptions {
  /** Length of every vector. */
  readonly dimensions: number;
  /** Vectors that are meant to be held at once, in all scopes together. */
  readonly maxEntries: number;
  /** What `loadHnsw` gave; null: every scope is scanned. */
  readonly hnsw: HnswModule | null;
  /** Vectors from which on a scope gets a graph. Default `DEFAULT_CROSSOVER`. */
  readonly crossover?: number | undefined;
  readonly logger: Logger;
  /** @internal Worker in place of the one that builds. */
  readonly graphWorker?: URL | undefined;
}

/** Where a graph begins to save more time than its memory and its building are worth. */
export const DEFAULT_CROSSOVER = 4_000;
/** Rows beyond `maxEntries`, because what replaces an entry may be added before the old one is removed. */
const SLACK = 1_024;
/** A graph is built anew when the tail has more than this share of its rows: the tail's scan is what it costs a search. */
const MAX_TAIL = 1 / 24;
/** Or when more than this share of its rows is removed: a search walks over them. */
const MAX_DEAD = 1 / 4;
/** A graph with more than this share of its rows removed is worse than none. */
const WORTHLESS = 3 / 4;

/** An index, and for tests and benches a promise that resolves when no graph is being built. */
export type GraphedVectorIndex = VectorIndex & { settled(): Promise<void> };

/** @throws RangeError when `dimensions`, `maxEntries` or `crossover` is no whole number from 1, or they need over 4 GB */
export function createVectorIndex(options: VectorIndexOptions): GraphedVectorIndex {
  const { dimensions, maxEntries, crossover = DEFAULT_CROSSOVER } = options;
  for (const [name, value] of Object.entries({ dimensions, maxEntries, crossover })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name}: ${value} is no whole number from 1`);
  }
  return new ScopedIndex(options);
}

class ScopedIndex implements GraphedVectorIndex {
  readonly #hnsw: HnswModule | null;
  readonly #crossover: number;
  readonly #logger: Logger;
  readonly #graphWorker: URL | undefined;
  readonly #table: SlotTable;
  readonly #arena: Arena;
  /** The query as hnswlib takes it. */
  readonly #query: number[];
  readonly #scopes = new Map<string, Scope>();
  /** Scopes with a graph. */
  readonly #graphed = new Set<Scope>();
  /** Scopes that want a graph, in the order in which they began to. */
  readonly #waiting = new Set<Scope>();
  #build: GraphBuild | null = null;
  #building: Promise<void> = Promise.resolve();
  #isClosed = false;
  #hasFailed = false;
  /** After a failure: how many inserts the next build waits for. */
  #insertsToWait = 0;

  constructor({ dimensions, maxEntries, hnsw, crossover, logger, graphWorker }: VectorIndexOptions) {
    this.#hnsw = hnsw;
    this.#crossover = crossover ?? DEFAULT_CROSSOVER;
    this.#logger = logger;
    this.#graphWorker = graphWorker;
    this.#table = new SlotTable(maxEntries + SLACK);
    this.#arena = new Arena(dimensions, maxEntries + SLACK);
    this.#query = new Array(dimensions).fill(0);
  }

  add(name: string, vector: Float32Array): number {
    const norm = this.#normOf(vector);
    const slot = this.#table.take();
    this.#arena.write(slot, vector, norm);
    let scope = this.#scopes.get(name);
    if (scope === undefined) {
      scope = new Scope(this.#table, slot);
      this.#scopes.set(name, scope);
    } else {
      scope.add(slot);
    }
    if (this.#insertsToWait > 0) this.#insertsToWait--;
    this.#tend(scope);
    return slot;
  }

  remove(name: string, slot: number): void {
    const scope = this.#scopes.get(name);
    if (scope === undefined || !scope.remove(slot)) return;
    this.#table.free(slot);
    if (scope.size === 0) this.#forget(name, scope);
    else this.#tend(scope);
  }

  search(name: string, vector: Float32Array, k: number): readonly Neighbour[] {
    const norm = this.#normOf(vector);
    const scope = this.#scopes.get(name);
    if (scope === undefined) return [];
    const nearest = new Nearest(k);
    this.#arena.setQuery(vector, norm);
    this.#arena.offer(scope.tail, nearest);
    if (scope.graph !== null) {
      this.#arena.copyQuery(this.#query);
      // Scored again from the arena, so that a similarity does not depend on who found the row.
      this.#arena.offer(scope.graph.search(this.#query, k), nearest);
    }
    return nearest.toArray();
  }

  vectorOf(slot: number): Float32Array {
    if (!this.#table.isLive(slot)) throw new RangeError(`no vector lies in slot ${slot}`);
    return this.#arena.read(slot);
  }

  stats(): VectorIndexStats {
    return {
      vectors: this.#table.live,
      scopes: this.#scopes.size,
      graphs: this.#graphed.size,
      rebuilding: this.#build !== null,
      kind: this.#hnsw === null ? 'exact' : 'hnsw',
    };
  }

  async settled(): Promise<void> {
    while (this.#build !== null) await this.#building;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [name, scope] of this.#scopes) this.#forget(name, scope);
    this.#table.clear();
    await this.settled();
  }

  #normOf(vector: Float32Array): number {
    const { dimensions } = this.#arena;
    if (vector.length !== dimensions) {
      throw new RangeError(`a vector of ${vector.length} numbers was given; the index takes ${dimensions}`);
    }
    let sum = 0;
    for (let index = 0; index < dimensions; index++) sum += vector[index]! * vector[index]!;
    if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        sum === 0 ? 'a vector of zeros has no direction' : 'a vector with NaN or Infinity was given',
      );
    }
    return Math.sqrt(sum);
  }

  #forget(name: string, scope: Scope): void {
    this.#scopes.delete(name);
    this.#waiting.delete(scope);
    this.#dissolve(scope);
    if (this.#build?.scope === scope) this.#build.cancel();
  }

  #dissolve(scope: Scope): void {
    if (this.#graphed.delete(scope)) scope.dissolve();
  }

  /** Gives the scope up to a graph's building, or its graph up, when its size has come to deserve it. */
  #tend(scope: Scope): void {
    const { graph } = scope;
    if (graph !== null && (scope.size < this.#crossover / 2 || graph.dead > graph.rows * WORTHLESS)) {
      this.#dissolve(scope);
    }
    if (!this.#wantsGraph(scope)) return;
    this.#waiting.add(scope);
    this.#buildNext();
  }

  #wantsGraph({ size, graph, tail }: Scope): boolean {
    if (this.#hnsw === null || this.#isClosed) return false;
    if (size < this.#crossover) return false;
    return graph === null || tail.length > graph.rows * MAX_TAIL || graph.dead > graph.rows * MAX_DEAD;
  }

  #buildNext(): void {
    if (this.#build !== null || this.#insertsToWait > 0) return;
    for (const scope of this.#waiting) {
      this.#waiting.delete(scope);
      if (!this.#wantsGraph(scope)) continue;
      this.#build = new GraphBuild(this.#hnsw!, this.#arena, scope, this.#graphWorker);
      this.#building = this.#finish(this.#build);
      return;
    }
  }

  async #finish({ scope, done }: GraphBuild): Promise<void> {
    try {
      const built = await done;
      this.#hasFailed = false;
      if (built !== null) this.#take(scope, built);
    } catch (error) {
      if (!this.#hasFailed) {
        this.#logger.warn(
          { error, vectors: scope.size },
          'a graph of the semantic index could not be built: it is scanned',
        );
      }
      this.#hasFailed = true;
      this.#insertsToWait = scope.size;
    }
    this.#build = null;
    this.#buildNext();
  }

  #take(scope: Scope, { native, rows }: BuiltGraph): void {
    if (scope.size < this.#crossover / 2) {
      releaseGraph(native);
      return;
    }
    scope.adopt(native, rows);
    this.#graphed.add(scope);
  }
}
