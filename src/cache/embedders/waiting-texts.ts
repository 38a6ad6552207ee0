import { AbortListeners } from './abort-listeners.ts';

interface Waiting {
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

/** Who waits for a vector. Each is settled once: answered, failed, or at once with the signal's reason. */
export class WaitingTexts {
  readonly #byId = new Map<number, Waiting>();
  readonly #aborts = new AbortListeners();
  readonly #onLeft: (id: number) => void;
  #nextId = 0;

  /** @param onLeft called with a text whose caller has left */
  constructor(onLeft: (id: number) => void) {
    this.#onLeft = onLeft;
  }

  /** @param begin is given the id under which the text is to be settled */
  add(signal: AbortSignal, begin: (id: number) => void): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const onAbort = (): void => {
        this.reject(id, signal.reason);
        this.#onLeft(id);
      };
      this.#byId.set(id, { resolve, reject, signal, onAbort });
      this.#aborts.add(signal, onAbort);
      begin(id);
    });
  }

  resolve(id: number, vector: Float32Array): void {
    this.#take(id)?.resolve(vector);
  }

  reject(id: number, reason: unknown): void {
    this.#take(id)?.reject(reason);
  }

  rejectAll(reason: unknown): void {
    for (const id of this.#byId.keys()) this.reject(id, reason);
  }

  /** Undefined: its caller has left. */
  #take(id: number): Waiting | undefined {
    const waiting = this.#byId.get(id);
    if (waiting === undefined) return undefined;
    this.#byId.delete(id);
    this.#aborts.remove(waiting.signal, waiting.onAbort);
    return waiting;
  }
}
