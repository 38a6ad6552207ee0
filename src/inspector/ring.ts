/** The last so many of what happened, each under a number that grows by one from 1. */
export class Ring<T> {
  readonly #items: T[] = [];
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The number of the newest; 0: nothing has happened. */
  get count(): number {
    return this.#count;
  }

  /** Returns its number. */
  push(item: T): number {
    this.#items[this.#count % this.#most] = item;
    return ++this.#count;
  }

  /** Those that are kept and have a higher number, oldest first. */
  *after(number: number): Generator<T> {
    const oldest = Math.max(number, this.#count - this.#items.length);
    for (let next = oldest; next < this.#count; next++) yield this.#items[next % this.#most]!;
  }
}
