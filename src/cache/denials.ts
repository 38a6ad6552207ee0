import { LRUCache } from 'lru-cache';

/**
 * Who was told that a stored answer is not for him, so that nobody has to be asked again. Keys are exact ones, in
 * base64url. The pair that was of no use for longest goes first.
 */
export class Denials {
  readonly #pairs: LRUCache<string, { readonly asked: string; readonly stored: string }>;
  /** By the stored row's key, who asked. */
  readonly #asked = new Map<string, Set<string>>();

  /** @param max pairs that are remembered */
  constructor(max: number) {
    this.#pairs = new LRUCache({
      max,
      dispose: ({ asked, stored }) => {
        const others = this.#asked.get(stored)!;
        others.delete(asked);
        if (others.size === 0) this.#asked.delete(stored);
      },
    });
  }

  get size(): number {
    return this.#pairs.size;
  }

  has(asked: string, stored: string): boolean {
    return this.#pairs.get(pairOf(asked, stored)) !== undefined;
  }

  add(asked: string, stored: string): void {
    this.#pairs.set(pairOf(asked, stored), { asked, stored });
    // Looked up now, because a pair that is given again has just gone from there.
    const others = this.#asked.get(stored);
    if (others === undefined) this.#asked.set(stored, new Set([asked]));
    else others.add(asked);
  }

  /** A row has gone, and a later one under its key may hold another answer. */
  forget(stored: string): void {
    for (const asked of [...(this.#asked.get(stored) ?? [])]) this.#pairs.delete(pairOf(asked, stored));
  }
}

/** base64url knows no space. */
const pairOf = (asked: string, stored: string): string => `${asked} ${stored}`;
