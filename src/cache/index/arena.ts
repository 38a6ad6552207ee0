import { createMemory, PAGE, type Scan, type SharedMemory, scanOf } from './kernel.ts';
import type { Nearest } from './nearest.ts';

/** Pages in 4 GB. */
const MAX_PAGES = 65_536;
/** Floats in a cache line: a row begins on one, and is a whole number of the kernel's steps, which are half as long. */
const LINE = 16;
/** Rows that the kernel scores at a time. */
const AT_ONCE = 4;
/** Slots that are scored at once, so that slots and scores stay in the nearest cache and their place has a fixed size. */
const BLOCK = 1_024;
const FIRST_ROWS = 64;

/**
 * All vectors of all scopes, a row a slot, in one memory that a worker can read without a copy. It grows by doubling,
 * which costs nothing until a row is written. In front of the rows lie the query, a block of slots and their scores.
 */
export class Arena {
  readonly dimensions: number;
  readonly rowFloats: number;
  /** Where the row in slot 0 begins, in bytes. */
  readonly rowsAt: number;
  readonly #slotsAt: number;
  readonly #scoresAt: number;
  readonly #maxRows: number;
  readonly #memory: SharedMemory;
  readonly #scan: Scan;
  #rows: number;
  #floats: Float32Array;
  readonly #slots: Uint32Array;
  readonly #scores: Float32Array;

  /** @throws RangeError when so many rows do not fit the 4 GB that one memory can have */
  constructor(dimensions: number, maxRows: number) {
    this.dimensions = dimensions;
    this.rowFloats = Math.ceil(dimensions / LINE) * LINE;
    this.#slotsAt = this.#rowBytes;
    this.#scoresAt = this.#slotsAt + BLOCK * Uint32Array.BYTES_PER_ELEMENT;
    this.rowsAt = this.#scoresAt + BLOCK * Float32Array.BYTES_PER_ELEMENT;
    this.#maxRows = maxRows;
    const maximum = this.#pagesFor(maxRows);
    if (maximum > MAX_PAGES) {
      throw new RangeError(
        `${maxRows} vectors of ${dimensions} dimensions need ${Math.ceil((maximum * PAGE) / 2 ** 20)} MB; at most 4096 can be had`,
      );
    }
    this.#rows = Math.min(FIRST_ROWS, maxRows);
    this.#memory = createMemory(this.#pagesFor(this.#rows), maximum);
    this.#scan = scanOf(this.#memory);
    this.#floats = new Float32Array(this.#memory.buffer);
    this.#slots = new Uint32Array(this.#memory.buffer, this.#slotsAt, BLOCK);
    this.#scores = new Float32Array(this.#memory.buffer, this.#scoresAt, BLOCK);
  }

  /** The memory as it is now; rows of slots that are given out later may lie past its end. */
  get shared(): SharedArrayBuffer {
    return this.#memory.buffer;
  }

  /** Lays the unit vector of that direction into the slot. */
  write(slot: number, vector: Float32Array, norm: number): void {
    if (slot >= this.#rows) this.#grow(slot + 1);
    this.#writeUnit(this.#offsetOf(slot), vector, norm);
  }

  /** A copy of the unit vector in the slot. */
  read(slot: number): Float32Array {
    const offset = this.#offsetOf(slot);
    return new Float32Array(this.#floats.subarray(offset, offset + this.dimensions));
  }

  /** What `offer` and `copyQuery` are about until the next one. */
  setQuery(vector: Float32Array, norm: number): void {
    this.#writeUnit(0, vector, norm);
  }

  /** The query's unit vector, into an array of that length. */
  copyQuery(target: number[]): void {
    for (let index = 0; index < this.dimensions; index++) target[index] = this.#floats[index]!;
  }

  /** Offers these slots with their similarity to the query. */
  offer(slots: ArrayLike<number>, nearest: Nearest): void {
    for (let from = 0; from < slots.length; from += BLOCK) {
      const count = Math.min(BLOCK, slots.length - from);
      for (let index = 0; index < count; index++) this.#slots[index] = slots[from + index]!;
      const scored = Math.ceil(count / AT_ONCE) * AT_ONCE;
      // What fills up the last four is any row; its score is not looked at.
      this.#slots.fill(this.#slots[0]!, count, scored);
      this.#scan(0, this.rowsAt, this.#rowBytes, this.#slotsAt, scored, this.#scoresAt);
      for (let index = 0; index < count; index++) nearest.offer(this.#slots[index]!, this.#scores[index]!);
    }
  }

  get #rowBytes(): number {
    return this.rowFloats * Float32Array.BYTES_PER_ELEMENT;
  }

  #offsetOf(slot: number): number {
    return this.rowsAt / Float32Array.BYTES_PER_ELEMENT + slot * this.rowFloats;
  }

  #writeUnit(offset: number, vector: Float32Array, norm: number): void {
    for (let index = 0; index < this.dimensions; index++) this.#floats[offset + index] = vector[index]! / norm;
  }

  #pagesFor(rows: number): number {
    return Math.ceil((this.rowsAt + rows * this.#rowBytes) / PAGE);
  }

  #grow(rows: number): void {
    const wanted = Math.min(Math.max(rows, this.#rows * 2), this.#maxRows);
    this.#memory.grow(this.#pagesFor(wanted) - this.#pagesFor(this.#rows));
    this.#rows = wanted;
    this.#floats = new Float32Array(this.#memory.buffer);
  }
}
