import type { Dispatcher } from 'undici';
import { systemClock } from '../clock.ts';
import { BackendError } from '../errors.ts';
import { jsonOf } from './json.ts';
import { optionsOf, type ProviderWord, quote, socketError } from './provider-error.ts';
import type { Redact } from './redact.ts';

/** The largest answer that is kept in memory, and the longest single event of a stream. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** How long a body may take to run out after its last useful byte; then its connection is not worth keeping. */
const RUN_OUT_MS = 1_000;

interface AnswerContext {
  readonly label: string;
  readonly signal: AbortSignal;
  readonly clean: Redact;
  readonly statusByCode: Readonly<Record<string, number>>;
}

/**
 * The body of a provider's answer. Whoever holds it reads it to its end, releases it or destroys it: a body that is
 * simply forgotten keeps its connection busy.
 */
export class HttpAnswer {
  readonly contentType: string;
  readonly #body: Dispatcher.ResponseData['body'];
  readonly #context: AnswerContext;
  #isReleased = false;

  constructor({ headers, body }: Dispatcher.ResponseData, context: AnswerContext) {
    this.contentType = String(headers['content-type'] ?? '').toLowerCase();
    this.#body = body;
    this.#context = context;
    body.on('error', () => {});
  }

  /** Whether this is one piece where server-sent events were asked for; a page is no stream either. */
  get isNoStream(): boolean {
    return /\bjson\b|html/.test(this.contentType);
  }

  get isAborted(): boolean {
    return this.#context.signal.aborted;
  }

  /** What has arrived together is not handed out piece by piece to whoever has left. @throws the reason of the abort */
  assertAwaited(): void {
    this.#context.signal.throwIfAborted();
  }

  /** The whole body. @throws {BackendError} `response_too_large` beyond `MAX_ANSWER_BYTES` */
  async text(): Promise<string> {
    const pieces: Buffer[] = [];
    const isWhole = await this.#read(pieces, MAX_ANSWER_BYTES);
    if (!isWhole) throw this.#error(`sent more than ${MAX_ANSWER_BYTES} bytes`, 'response_too_large');
    return decoded(pieces);
  }

  /** As much of the body as arrives in time and fits; never throws. */
  async beginning(bytes: number): Promise<string> {
    const pieces: Buffer[] = [];
    await this.#read(pieces, bytes).catch(() => {});
    return decoded(pieces).slice(0, bytes);
  }

  /** The whole body as JSON. @throws {BackendError} `malformed_response`, or the provider's own error */
  async json(): Promise<unknown> {
    const text = await this.text();
    const json = jsonOf(text);
    if (json === undefined) throw this.malformed(describeBody(text, this.contentType));
    return json;
  }

  /** The body as text, piece by piece. Leaving early leaves the body as it is: release or destroy it. */
  async *chunks(): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of this.#body.iterator({ destroyOnReturn: false })) {
        yield decoder.decode(bytes as Buffer, { stream: true });
      }
    } catch (error) {
      throw this.#failure(error);
    }
    const rest = decoder.decode();
    if (rest !== '') yield rest;
  }

  /** Destroys the body unless it has run out by then. */
  endWithin(ms: number): void {
    if (this.#body.closed) return;
    const timer = systemClock.setTimeout(() => this.#body.destroy(), ms);
    this.#body.once('close', () => systemClock.clearTimeout(timer));
  }

  /** Lets what is left of the body run out, so that its connection can serve again. */
  release(): void {
    this.#isReleased = true;
    if (this.#body.destroyed) return;
    this.endWithin(RUN_OUT_MS);
    this.#body.resume();
  }

  /** Closes the connection; nothing when the body has run out or was released. */
  destroy(): void {
    if (!this.#isReleased) this.#body.destroy();
  }

  malformed(what: string): BackendError {
    return this.#error(`answered with ${what}`, 'malformed_response');
  }

  truncated(): BackendError {
    return this.#error('ended its stream without saying that the answer is whole', 'stream_truncated');
  }

  /** An error that the provider reports in an answer of 200. */
  refusal(word: ProviderWord): BackendError {
    const { label, clean, statusByCode } = this.#context;
    const { code = 'provider_error', ...options } = optionsOf(word, clean);
    return new BackendError(`${label} reported an error${quote(word.message, clean)}`, {
      ...(Object.hasOwn(statusByCode, code) && { status: statusByCode[code]! }),
      ...options,
      code,
    });
  }

  /** Whether the body ended within the limit; beyond it the body is destroyed. */
  async #read(pieces: Buffer[], limit: number): Promise<boolean> {
    let size = 0;
    try {
      for await (const piece of this.#body as AsyncIterable<Buffer>) {
        pieces.push(piece);
        size += piece.length;
        if (size > limit) return false;
      }
    } catch (error) {
      throw this.#failure(error);
    }
    return true;
  }

  #failure(error: unknown): unknown {
    const { signal, label, clean } = this.#context;
    return signal.aborted ? signal.reason : socketError(error, label, clean);
  }

  #error(what: string, code: string): BackendError {
    return new BackendError(`${this.#context.label} ${what}`, { code });
  }
}

const decoded = (pieces: readonly Buffer[]): string => new TextDecoder().decode(Buffer.concat(pieces));

/** What a body is that should have been something else; none of its content, which may quote the conversation. */
export function describeBody(body: string, contentType: string): string {
  if (body.trim() === '') return 'an empty body';
  if (contentType.includes('html') || /^\s*</.test(body)) return 'HTML';
  return 'something that is not JSON';
}
