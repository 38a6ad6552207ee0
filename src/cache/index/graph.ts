import { type HnswGraph, releaseGraph } from './hnsw.ts';
import { NONE } from './slot-table.ts';

/**
 * A graph over rows as they were when it was built. Nothing is added; what is removed is marked, and hnswlib walks over
 * the mark without answering with it.
 */
export class Graph {
  /** Row number to slot; `NONE`: removed. */
  readonly slots: Uint32Array;
  readonly #native: HnswGraph;
  #dead = 0;

  constructor(native: HnswGraph, slots: Uint32Array) {
    this.#native = native;
    this.slots = slots;
  }

  /** Rows, the removed ones included. */
  get rows(): number {
    return this.slots.length;
  }

  get dead(): number {
    return this.#dead;
  }

  remove(row: number): void {
    this.#native.markDelete(row);
    this.slots[row] = NONE;
    this.#dead++;
  }

  /** The slots of about the k nearest rows, in no order. */
  search(query: number[], k: number): number[] {
    const { neighbors } = this.#native.searchKnn(query, Math.min(k, this.rows));
    return neighbors.map((row) => this.slots[row]!);
  }

  release(): void {
    releaseGraph(this.#native);
  }
}
