/** A slot that nothing lies in, and a row of a graph whose entry is gone. No slot: memory ends long before. */
export const NONE = 0xffff_ffff;

/**
 * Gives out slots and knows where in its scope each lies. Slots are small whole numbers, the latest freed first, so that
 * the rows behind them stay packed and a label of hnswlib, which is a uint32, can never collide.
 */
export class SlotTable {
  readonly #maxSlots: number;
  readonly #free: number[] = [];
  #positions = new Uint32Array(64).fill(NONE);
  #generations = new Uint32Array(64);
  #used = 0;

  constructor(maxSlots: number) {
    this.#maxSlots = maxSlots;
  }

  /** Slots given out and not freed. */
  get live(): number {
    return this.#used - this.#free.length;
  }

  /** A slot that is in nobody's use, at first at position 0. @throws RangeError when none is left */
  take(): number {
    const slot = this.#free.pop() ?? this.#next();
    this.#positions[slot] = 0;
    return slot;
  }

  free(slot: number): void {
    this.#positions[slot] = NONE;
    this.#generations[slot]!++;
    this.#free.push(slot);
  }

  isLive(slot: number): boolean {
    return this.positionOf(slot) !== NONE;
  }

  /** Where in its scope the slot lies: an index into the scope's tail, or a row of its graph. */
  positionOf(slot: number): number {
    return this.#positions[slot] ?? NONE;
  }

  place(slot: number, position: number): void {
    this.#positions[slot] = position;
  }

  /** Another number each time the slot is freed: the same number means the same entry. */
  generationOf(slot: number): number {
    return this.#generations[slot]!;
  }

  /** Frees all. */
  clear(): void {
    for (let slot = 0; slot < this.#used; slot++) if (this.isLive(slot)) this.free(slot);
  }

  #next(): number {
    if (this.#used === this.#maxSlots)
      throw new RangeError(`all ${this.#maxSlots} slots of the vector index are taken`);
    if (this.#used === this.#positions.length) {
      const size = Math.min(this.#used * 2, this.#maxSlots);
      this.#positions = grown(this.#positions, size, NONE);
      this.#generations = grown(this.#generations, size, 0);
    }
    return this.#used++;
  }
}

function grown(array: Uint32Array<ArrayBuffer>, size: number, rest: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size).fill(rest, array.length);
  larger.set(array);
  return larger;
}
