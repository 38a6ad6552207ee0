/** Hears aborts through one listener for each distinct signal: Node warns from the eleventh on one. */
export class AbortListeners {
  readonly #bySignal = new Map<AbortSignal, { readonly callbacks: Set<() => void>; readonly listener: () => void }>();

  /** Calls back once when the signal aborts, unless removed before. */
  add(signal: AbortSignal, callback: () => void): void {
    const known = this.#bySignal.get(signal);
    if (known !== undefined) {
      known.callbacks.add(callback);
      return;
    }
    const callbacks = new Set([callback]);
    const listener = (): void => {
      this.#bySignal.delete(signal);
      for (const each of callbacks) each();
    };
    signal.addEventListener('abort', listener, { once: true });
    this.#bySignal.set(signal, { callbacks, listener });
  }

  remove(signal: AbortSignal, callback: () => void): void {
    const known = this.#bySignal.get(signal);
    if (known === undefined) return;
    known.callbacks.delete(callback);
    if (known.callbacks.size > 0) return;
    signal.removeEventListener('abort', known.listener);
    this.#bySignal.delete(signal);
  }
}
