import { Graph } from './graph.ts';
import type { HnswGraph } from './hnsw.ts';
import { NONE, type SlotTable } from './slot-table.ts';

/** The rows of a scope at one instant, for a graph of them. */
export interface ScopeRows {
  readonly slots: Uint32Array;
  readonly generations: Uint32Array;
}

/**
 * The entries of one scope: a graph of those that were there when it was built, if it was ever worth one, and a tail of
 * the others, which is scanned. There may be tens of thousands of scopes with one row, so a scope is little more than
 * its list.
 */
export class Scope {
  readonly #table: SlotTable;
  #tail: number[];
  #graph: Graph | null = null;

  constructor(table: SlotTable, slot: number) {
    this.#table = table;
    // A literal, because an array that is pushed to has room for seventeen.
    this.#tail = [slot];
    table.place(slot, 0);
  }

  get size(): number {
    return this.#tail.length + (this.#graph === null ? 0 : this.#graph.rows - this.#graph.dead);
  }

  /** What a search scans. */
  get tail(): readonly number[] {
    return this.#tail;
  }

  get graph(): Graph | null {
    return this.#graph;
  }

  add(slot: number): void {
    this.#table.place(slot, this.#tail.length);
    this.#tail.push(slot);
  }

  /** Whether the slot was in this scope. */
  remove(slot: number): boolean {
    const position = this.#table.positionOf(slot);
    if (this.#tail[position] === slot) {
      const last = this.#tail.pop()!;
      if (last !== slot) {
        this.#tail[position] = last;
        this.#table.place(last, position);
      }
      return true;
    }
    if (this.#graph?.slots[position] !== slot) return false;
    this.#graph.remove(position);
    return true;
  }

  rows(): ScopeRows {
    const slots = this.#slots();
    const generations = new Uint32Array(slots.length);
    for (let row = 0; row < slots.length; row++) generations[row] = this.#table.generationOf(slots[row]!);
    return { slots, generations };
  }

  /** Takes a graph of rows of this scope; what has been removed since is marked in it, what has come since is the tail. */
  adopt(native: HnswGraph, { slots, generations }: ScopeRows): void {
    const graph = new Graph(native, slots);
    for (let row = 0; row < slots.length; row++) {
      const slot = slots[row]!;
      // A slot may have been freed and taken again, perhaps by another scope; its generation tells.
      if (this.#table.generationOf(slot) === generations[row]) this.#table.place(slot, row);
      else graph.remove(row);
    }
    this.#graph?.release();
    this.#graph = graph;
    this.#setTail(this.#tail.filter((slot) => slots[this.#table.positionOf(slot)] !== slot));
  }

  /** Gives the graph up; its rows join the tail. */
  dissolve(): void {
    if (this.#graph === null) return;
    const slots = this.#slots();
    this.#graph.release();
    this.#graph = null;
    this.#setTail(Array.from(slots));
  }

  #slots(): Uint32Array {
    const slots = new Uint32Array(this.size);
    slots.set(this.#tail);
    let count = this.#tail.length;
    for (const slot of this.#graph?.slots ?? []) if (slot !== NONE) slots[count++] = slot;
    return slots;
  }

  #setTail(slots: number[]): void {
    this.#tail = slots;
    for (let index = 0; index < slots.length; index++) this.#table.place(slots[index]!, index);
  }
}
