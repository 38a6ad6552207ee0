import type { CacheStore } from './store.ts';

type Write = (store: CacheStore) => void;

/** Takes what is to be written from the first moment on, and hands it to the store once that is open. */
export class StoreGate implements Omit<CacheStore, 'flush'> {
  #waiting: Write[] = [];
  #store: CacheStore | null = null;
  #isOpen = false;

  put(row: Parameters<CacheStore['put']>[0]): void {
    this.#pass((store) => store.put(row));
  }

  putAlias(alias: string, key: string): void {
    this.#pass((store) => store.putAlias(alias, key));
  }

  deleteAlias(alias: string): void {
    this.#pass((store) => store.deleteAlias(alias));
  }

  delete(key: string): void {
    this.#pass((store) => store.delete(key));
  }

  /** @param store null: there is none, and what was to be written is forgotten. */
  open(store: CacheStore | null): void {
    this.#isOpen = true;
    this.#store = store;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (store !== null) for (const write of waiting) write(store);
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  #pass(write: Write): void {
    if (this.#store !== null) write(this.#store);
    else if (!this.#isOpen) this.#waiting.push(write);
  }
}
