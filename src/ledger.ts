import { AsyncResource } from 'node:async_hooks';
import type { RequestSettled, Settlement } from '../machines/settlement.ts';
import type { Answer } from './answer.ts';
import type { Caller, Entry, KeptRequest } from './entry.ts';
import type { Slip } from './routing/slip.ts';
import { answerOf, errorOf, type ModelLookup } from './settle.ts';

const NONE: readonly never[] = Object.freeze([]);

/**
 * The one table of requests that are accepted and not settled. Charts and slips carry ids; prompts, callers and answers
 * lie here, so that none of them is in any snapshot or inspection event.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #bySignal = new Map<AbortSignal, { readonly ids: Set<string>; readonly listener: () => void }>();
  readonly #modelOf: ModelLookup;
  readonly #onAbort: (id: string) => void;

  /** @param onAbort called once for each pending request whose signal aborts; it has been marked as called off. */
  constructor(modelOf: ModelLookup, onAbort: (id: string) => void) {
    this.#modelOf = modelOf;
    this.#onAbort = onAbort;
  }

  get size(): number {
    return this.#entries.size;
  }

  ids(): string[] {
    return [...this.#entries.keys()];
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  enter(slip: Slip, { content, signal, tenant, replyTo }: KeptRequest, caller: Caller): void {
    this.#entries.set(slip.id, {
      content,
      signal,
      tenant,
      replyTo,
      sink: caller.sink,
      served: caller.served,
      failed: caller.failed,
      context: new AsyncResource('LLMRouterRequest'),
      slip,
      response: null,
      failures: NONE,
      partialText: null,
      isCancelled: false,
      cancelReason: undefined,
    });
    if (signal !== undefined) this.#listen(signal, slip.id);
  }

  /** Marks a pending request as called off: it is not called any more, wherever it is. false: it was before, or is over. */
  callOff(id: string, reason?: unknown): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.isCancelled) return false;
    entry.isCancelled = true;
    entry.cancelReason = reason;
    return true;
  }

  /** Whether nobody waits for it any more: it was called off, or is over. */
  isCalledOff(id: string): boolean {
    return this.#entries.get(id)?.isCancelled ?? true;
  }

  /** Where a request that was called off had got to. */
  note(slip: Slip): void {
    const entry = this.#entries.get(slip.id);
    if (entry !== undefined) entry.slip = slip;
  }

  /** Takes the request out and gives what its caller is to hear; null when it was settled before. */
  settle(settlement: Settlement): Settled | null {
    const { id } = settlement.key;
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    this.#entries.delete(id);
    if (entry.signal !== undefined) this.#unlisten(entry.signal, id);
    return new Settled(settlement, entry, this.#modelOf);
  }

  // One listener for each distinct signal: Node warns from the eleventh on one.
  #listen(signal: AbortSignal, id: string): void {
    const known = this.#bySignal.get(signal);
    if (known !== undefined) {
      known.ids.add(id);
      return;
    }
    const ids = new Set([id]);
    const listener = (): void => {
      this.#bySignal.delete(signal);
      // All are marked before the first leaves: the slot that it frees is not for another of them.
      const calledOff = [...ids].filter((pending) => this.callOff(pending, signal.reason));
      for (const pending of calledOff) this.#onAbort(pending);
    };
    signal.addEventListener('abort', listener, { once: true });
    this.#bySignal.set(signal, { ids, listener });
  }

  #unlisten(signal: AbortSignal, id: string): void {
    const known = this.#bySignal.get(signal);
    if (known === undefined) return;
    known.ids.delete(id);
    if (known.ids.size > 0) return;
    signal.removeEventListener('abort', known.listener);
    this.#bySignal.delete(signal);
  }
}

/** What is told when a request is over. `output` and `error` are accessors of the class, so that serialising the event shows figures only. */
export class Settled implements RequestSettled {
  readonly type = 'request.settled';
  readonly id: string;
  readonly settlement: Settlement;
  readonly #entry: Entry;
  readonly #output: Answer | undefined;
  readonly #error: unknown;

  constructor(settlement: Settlement, entry: Entry, modelOf: ModelLookup) {
    this.id = settlement.key.id;
    this.settlement = settlement.slip === null ? { ...settlement, slip: entry.slip } : settlement;
    this.#entry = entry;
    if (settlement.verdict === 'served') this.#output = answerOf(this.settlement, entry, modelOf);
    else this.#error = errorOf(this.settlement, entry);
  }

  get tenant(): string | undefined {
    return this.#entry.tenant;
  }

  /** What was asked, what the model that served it said, and what the others failed with. */
  get outcome(): Pick<Entry, 'content' | 'tenant' | 'response' | 'failures'> {
    return this.#entry;
  }

  get output(): Answer | undefined {
    return this.#output;
  }

  get error(): unknown {
    return this.#error;
  }

  /** Tells the caller. */
  deliver(): void {
    const { served, failed, replyTo } = this.#entry;
    if (this.#output !== undefined) served(this.#output);
    else failed(this.#error);
    replyTo?.send({
      type: 'request.settled',
      id: this.id,
      ...(this.#output === undefined ? { error: this.#error } : { output: this.#output }),
    } as never);
  }
}
