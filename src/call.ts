import { types } from 'node:util';
import { createAlarm } from '../machines/alarm.ts';
import type { CallObserver, CallPort, CallResult, RunningCall } from '../machines/ports.ts';
import { JoinedAnswer, readResponse } from './backend-answer.ts';
import type { Backend, BackendChunk, BackendContext, LLMRequest, LLMResponse } from './backends/backend.ts';
import type { Outcome } from './breaker/outcome.ts';
import type { Clock } from './clock.ts';
import { type Entry, TextToEmbed } from './entry.ts';
import { BackendError, DeadlineError, RouterStoppedError } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { requestOf } from './request.ts';
import { blame, figuresOf } from './retry/classify.ts';
import { CHARACTERS_PER_TOKEN } from './routing/prompt-tokens.ts';
import type { Slip } from './routing/slip.ts';
import type { Sink } from './stream.ts';

/** A model's backend and what the router must know to call it. */
export interface ModelBackend {
  readonly backend: Backend;
  readonly provider: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly classify: Classify | undefined;
}

/**
 * Says whose fault a failure was, in place of the router's own judgement; undefined leaves it to the router. `success`:
 * the error shows that the provider is well; the request is refused as with `ignored`, and the breaker counts a success.
 */
export type Classify = (error: unknown) => 'failure' | 'ignored' | 'rate_limited' | 'success' | undefined;

export interface CallPortOptions {
  readonly ledger: Ledger;
  readonly backends: ReadonlyMap<string, ModelBackend>;
  readonly clock: Clock;
  /** How long a stream's reader may take nothing, in milliseconds. */
  readonly readerTimeoutMs: number;
  /** A request is about to be called, or its call has ended. */
  readonly onRunning: (id: string, isRunning: boolean) => void;
  /** Calls a request off because its reader has stopped reading. */
  readonly onIdleReader: (id: string) => void;
}

const CLASSIFIED: readonly Outcome[] = ['failure', 'ignored', 'rate_limited', 'success'];

/** Where slots reach the backends: looks the request up, runs it in its caller's context, judges how it ended. */
export function createCallPort(options: CallPortOptions): CallPort {
  return {
    start(slip, model, observer, isStreamed) {
      const entry = options.ledger.get(slip.id);
      const target = options.backends.get(model);
      if (entry === undefined || entry.isCancelled || target === undefined) return null;
      entry.slip = slip;
      options.onRunning(slip.id, true);
      const call = new Call(entry, slip, target, observer, options);
      entry.context.runInAsyncScope(() => call.run(model, isStreamed));
      return call;
    },
  };
}

class Call implements RunningCall {
  readonly #entry: Entry;
  readonly #slip: Slip;
  readonly #target: ModelBackend;
  readonly #observer: CallObserver;
  readonly #options: CallPortOptions;
  /** Made when a backend first asks for its signal: many never do, and one costs more than a dispatch. */
  #controller: AbortController | null = null;
  #abortReason: unknown;
  #isAborted = false;

  constructor(entry: Entry, slip: Slip, target: ModelBackend, observer: CallObserver, options: CallPortOptions) {
    this.#entry = entry;
    this.#slip = slip;
    this.#target = target;
    this.#observer = observer;
    this.#options = options;
  }

  run(model: string, isStreamed: boolean): void {
    const { backend, options } = this.#target;
    const { sink } = this.#entry;
    const { content } = this.#entry;
    const context = new CallContext(model, this.#slip, options, () => this.#signal());
    let answer: unknown;
    try {
      if (content instanceof TextToEmbed) answer = embed(backend, content, context);
      else if (sink === null && !isStreamed) answer = backend.generate(requestOf(content), context);
      else answer = this.#pump(sink, backend, requestOf(content), context);
    } catch (error) {
      answer = Promise.reject(error);
    }
    // A foreign thenable may answer twice or throw: a promise of our own holds it to its first word.
    const promise = answer instanceof Promise ? answer : Promise.resolve(answer);
    promise.then(
      (response: unknown) => this.#answered(response),
      (error: unknown) => this.#failed(error),
    );
  }

  abort(reason: Parameters<RunningCall['abort']>[0]): void {
    this.#isAborted = true;
    this.#abortReason = this.#reasonFor(reason);
    this.#controller?.abort(this.#abortReason);
  }

  #reasonFor(reason: Parameters<RunningCall['abort']>[0]): unknown {
    switch (reason) {
      case 'aborted':
        return this.#entry.cancelReason;
      case 'deadline':
        return new DeadlineError('deadline_exceeded', "the request's time ran out");
      case 'removed':
      case 'router_stopped':
        return new RouterStoppedError('the call was called off');
      default:
        return new BackendError('the model gave no sign of life in time', { code: reason });
    }
  }

  #signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  #answered(given: unknown): void {
    if (this.#isAborted) {
      this.#end({ outcome: 'cancelled' });
      return;
    }
    let response: LLMResponse;
    try {
      response = readResponse(given);
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#entry.response = response;
    this.#end({ outcome: 'success' });
  }

  #failed(error: unknown): void {
    if (this.#isAborted) {
      this.#end({ outcome: 'cancelled' });
      return;
    }
    this.#entry.failures = [...this.#entry.failures, error];
    const figures = figuresOf(error);
    const outcome = this.#classify(error) ?? blame(figures).outcome;
    this.#end(outcome === 'success' ? { outcome: 'ignored', provesHealth: true, ...figures } : { outcome, ...figures });
  }

  #end(result: CallResult): void {
    this.#options.onRunning(this.#slip.id, false);
    this.#observer.ended(result);
  }

  #classify(error: unknown): Outcome | undefined {
    try {
      const outcome = this.#target.classify?.(error);
      return outcome !== undefined && CLASSIFIED.includes(outcome) ? outcome : undefined;
    } catch {
      // A classifier that throws has said nothing.
      return undefined;
    }
  }

  /** Joins a stream to a whole answer; its reader, where there is one, gets it piece by piece as fast as he takes it. */
  async #pump(sink: Sink | null, backend: Backend, content: LLMRequest, context: BackendContext): Promise<LLMResponse> {
    const joined = new JoinedAnswer();
    for await (const chunk of chunksOf(backend, content, context)) {
      if (this.#isAborted) break;
      this.#observer.progressed(tokensIn(chunk));
      if (!joined.add(chunk)) continue;
      if (sink === null) {
        if (joined.isFirst) this.#observer.began();
        continue;
      }
      if (joined.isFirst && this.#entry.partialText !== null) sink.write({ type: 'restart', model: context.model });
      const room = sink.write(chunk as Exclude<BackendChunk, { type: 'finish' }>);
      this.#entry.partialText = joined.text;
      if (joined.isFirst) this.#observer.started();
      if (room !== undefined) await this.#awaitReader(room);
    }
    return joined.response();
  }

  async #awaitReader(room: Promise<void>): Promise<void> {
    const { clock, readerTimeoutMs, onIdleReader } = this.#options;
    const alarm = createAlarm(clock, () => onIdleReader(this.#slip.id));
    alarm.set(clock.now() + readerTimeoutMs);
    this.#observer.paused();
    await room;
    alarm.stop();
    this.#observer.resumed();
  }
}

/** Its signal is made when it is asked for. */
class CallContext implements BackendContext {
  readonly model: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly #signal: () => AbortSignal;

  constructor(model: string, slip: Slip, options: BackendContext['options'], signal: () => AbortSignal) {
    this.model = model;
    this.requestId = slip.id;
    this.attempt = slip.attempts.length + 1;
    this.options = options;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }
}

/** Its vector goes where an answer's own body would: nobody but who asked for it sees it. */
async function embed(backend: Backend, { text }: TextToEmbed, context: BackendContext): Promise<LLMResponse> {
  if (backend.embed === undefined) {
    throw new BackendError('the backend has no embed', { status: 400, code: 'embeddings_unsupported' });
  }
  const [vector] = await backend.embed([text], context);
  if (!types.isFloat32Array(vector)) throw new BackendError('the backend gave no vector');
  return { content: '', raw: vector };
}

/** A backend that cannot stream gives its whole answer at once. */
async function* chunksOf(backend: Backend, content: LLMRequest, context: BackendContext): AsyncGenerator<BackendChunk> {
  if (backend.stream !== undefined) {
    yield* backend.stream(content, context);
    return;
  }
  const response = readResponse(await backend.generate(content, context));
  if (response.reasoning) yield { type: 'reasoning', text: response.reasoning };
  if (response.content) yield { type: 'text', text: response.content };
  for (const [index, call] of (response.toolCalls ?? []).entries()) yield { type: 'tool_call', index, ...call };
  const { finishReason, usage, raw } = response;
  yield {
    type: 'finish',
    ...(finishReason !== undefined && { finishReason }),
    ...(usage !== undefined && { usage }),
    ...(raw !== undefined && { raw }),
  };
}

/** About how many tokens a piece holds, counted as in prompts; one at least where there is any text. */
function tokensIn(chunk: BackendChunk): number {
  const text = chunk?.type === 'tool_call' ? chunk.arguments : (chunk as { text?: unknown } | undefined)?.text;
  return typeof text === 'string' && text !== '' ? Math.max(1, text.length / CHARACTERS_PER_TOKEN) : 0;
}
