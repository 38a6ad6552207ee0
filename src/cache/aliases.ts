/** Further exact keys under which rows are found: a row has several, a key leads to one row. */
export class Aliases {
  readonly #maxPerKey: number;
  /** By alias, the row's key. */
  readonly #keys = new Map<string, string>();
  /** By the row's key, its aliases, the oldest first. */
  readonly #aliases = new Map<string, Set<string>>();

  constructor(maxPerKey: number) {
    this.#maxPerKey = maxPerKey;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** The key of the row that the alias leads to. */
  keyOf(alias: string): string | undefined {
    return this.#keys.get(alias);
  }

  /** Adds one, which leads nowhere else from then on. Returns the one that had to make room, or null. */
  add(alias: string, key: string): string | null {
    this.delete(alias);
    const others = this.#aliases.get(key);
    const [oldest] = others?.size === this.#maxPerKey ? others : [];
    if (oldest !== undefined) this.delete(oldest);
    this.#keys.set(alias, key);
    // Looked up again, because the last of a row's aliases takes its set away.
    const set = this.#aliases.get(key);
    if (set === undefined) this.#aliases.set(key, new Set([alias]));
    else set.add(alias);
    return oldest ?? null;
  }

  delete(alias: string): void {
    const key = this.#keys.get(alias);
    if (key === undefined) return;
    const others = this.#aliases.get(key)!;
    this.#keys.delete(alias);
    others.delete(alias);
    if (others.size === 0) this.#aliases.delete(key);
  }

  /** Its row has gone. */
  deleteAll(key: string): void {
    for (const alias of this.#aliases.get(key) ?? []) this.#keys.delete(alias);
    this.#aliases.delete(key);
  }
}
