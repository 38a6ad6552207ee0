import { type Dispatcher, request as send } from 'undici';
import { systemClock } from '../clock.ts';
import { BackendError } from '../errors.ts';
import { retryAfterMs } from '../retry/retry-after.ts';
import type { LLMRequest } from './backend.ts';
import { HttpAnswer } from './http-answer.ts';
import { type Lease, leaseAgent } from './pool.ts';
import { optionsOf, quote, socketError, wordOfBody } from './provider-error.ts';
import { createRedactor, hidePrompts, type Redact } from './redact.ts';

export interface HttpSettings {
  /** The model's name in the router; errors name it. */
  readonly model: string;
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What must never be seen in an error. */
  readonly secrets: readonly string[];
  readonly dispatcher?: Dispatcher | undefined;
  /** How long a connection may take to be made, in milliseconds; a given dispatcher has its own time. */
  readonly connectTimeoutMs: number;
  /** The HTTP status that each of the provider's own codes stands for, where it reports an error inside a 200. */
  readonly statusByCode?: Readonly<Record<string, number>>;
}

export interface HttpCall {
  /** What follows the base URL; may have a query. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** Sent as JSON by POST; without it the call is a GET. */
  readonly body?: object;
  /** Whose texts an error must not quote. */
  readonly request?: LLMRequest;
  /** Texts that an error must not quote either. */
  readonly texts?: readonly string[];
}

/** How long a failed answer may take to say why. */
const ERROR_BODY_MS = 2_000;
const MAX_ERROR_BYTES = 64 * 1024;

/** Calls one provider on behalf of one model, and turns every failure into a `BackendError` without secrets. */
export class HttpClient {
  readonly #label: string;
  readonly #base: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #redact: Redact;
  readonly #lease: Lease | null;
  readonly #dispatcher: Dispatcher;
  readonly #statusByCode: Readonly<Record<string, number>>;
  #isClosed = false;

  constructor({ model, baseUrl, headers, secrets, dispatcher, connectTimeoutMs, statusByCode = {} }: HttpSettings) {
    this.#label = `model '${model}'`;
    this.#base = new URL(baseUrl);
    this.#headers = headers;
    this.#redact = createRedactor([...secrets, ...this.#base.searchParams.values()]);
    this.#lease = dispatcher === undefined ? leaseAgent(this.#base.origin, connectTimeoutMs) : null;
    this.#dispatcher = dispatcher ?? this.#lease!.dispatcher;
    this.#statusByCode = statusByCode;
  }

  /**
   * Sends one call and resolves with its answer once the headers of a 2xx are there.
   * @throws the signal's reason when it aborts, else {BackendError}
   */
  async call({ path, signal, body, request, texts = [] }: HttpCall): Promise<HttpAnswer> {
    if (this.#isClosed) throw new BackendError(`${this.#label} was closed`, { code: 'backend_closed' });
    signal.throwIfAborted();
    const clean: Redact = (text) => hidePrompts(this.#redact(text), request === undefined ? texts : textsOf(request));
    const payload = body === undefined ? null : this.#serialise(body);
    let response: Dispatcher.ResponseData;
    try {
      const sent = send(this.#urlOf(path), {
        dispatcher: this.#dispatcher,
        method: payload === null ? 'GET' : 'POST',
        headers: { ...(payload !== null && { 'content-type': 'application/json' }), ...this.#headers },
        body: payload,
        signal,
      });
      response = await orAborted(sent, signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : socketError(error, this.#label, clean);
    }
    const answer = new HttpAnswer(response, { label: this.#label, signal, clean, statusByCode: this.#statusByCode });
    if (response.statusCode >= 200 && response.statusCode < 300) return answer;
    throw await this.#refusal(response, answer, signal, clean);
  }

  /** Gives the connections back; those that no other model shares are closed. A given dispatcher is its owner's. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lease?.release();
  }

  async #refusal(
    response: Dispatcher.ResponseData,
    answer: HttpAnswer,
    signal: AbortSignal,
    clean: Redact,
  ): Promise<unknown> {
    answer.endWithin(ERROR_BODY_MS);
    const word = wordOfBody(await answer.beginning(MAX_ERROR_BYTES));
    if (signal.aborted) return signal.reason;
    const hint = retryAfterMs(response.headers, systemClock.wallNow());
    const status = response.statusCode;
    return new BackendError(`${this.#label} answered ${status}${quote(word.message, clean)}`, {
      ...optionsOf(word, clean),
      status,
      ...(hint !== undefined && { retryAfterMs: hint }),
    });
  }

  #serialise(body: object): string {
    try {
      return JSON.stringify(body);
    } catch {
      const message = `${this.#label}: the request holds something that JSON cannot carry`;
      throw new BackendError(message, { status: 400, code: 'request_not_serialisable' });
    }
  }

  #urlOf(path: string): string {
    const { origin, pathname, search } = this.#base;
    const query = path.includes('?') ? search.replace('?', '&') : search;
    return origin + pathname.replace(/\/+$/, '') + path + query;
  }
}

/** undici notices an abort only once it is connected; a caller must not wait for a connection that hangs. */
function orAborted(sent: Promise<Dispatcher.ResponseData>, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason);
      sent.then(
        ({ body }) => body.on('error', () => {}).destroy(),
        () => {},
      );
    };
    signal.addEventListener('abort', onAbort, { once: true });
    sent.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function textsOf({ prompt, messages }: LLMRequest): string[] {
  const parts = messages.flatMap(({ content }) =>
    typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content,
  );
  return [prompt, ...parts.map((part) => (part.type === 'text' ? part.text : part.image))];
}
