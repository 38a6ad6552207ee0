/** An entry near a vector that was asked for. */
export interface Neighbour {
  readonly slot: number;
  /** Dot product of the two unit vectors: 1 for the same direction, -1 for the opposite one. */
  readonly similarity: number;
}

/** The k nearest of all that are offered; of equals the first. An array in order, because k is small. */
export class Nearest {
  readonly #k: number;
  readonly #found: Neighbour[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  offer(slot: number, similarity: number): void {
    const found = this.#found;
    if (found.length === this.#k) {
      if (this.#k === 0 || similarity <= found[this.#k - 1]!.similarity) return;
      found.pop();
    }
    let at = found.length;
    while (at > 0 && found[at - 1]!.similarity < similarity) at--;
    found.splice(at, 0, { slot, similarity });
  }

  /** Nearest first. */
  toArray(): readonly Neighbour[] {
    return this.#found;
  }
}
