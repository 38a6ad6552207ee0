import { z } from 'zod';
import type { Backend, BackendChunk, BackendContext, LLMRequest, LLMResponse } from '../../backends/backend.ts';
import { listed, parseOptions, quoted } from '../../options.ts';

/** One call that waits for its end. */
export interface ScriptedCall {
  readonly request: LLMRequest;
  readonly context: BackendContext;
  /** It has neither ended nor been called off by the router. */
  readonly isOpen: boolean;
  /** Ends it with an answer. Default: the text `ok`. */
  succeed(response?: Partial<LLMResponse>): void;
  /** Ends it with an error. Default: one without a status, which counts as a failure in passing. */
  fail(error?: unknown): void;
}

/** How a scripted backend takes it that a call is called off. */
export interface ScriptedBackendOptions {
  /**
   * A call or stream that is called off ends at once, with the reason of its signal; else it goes on until the test ends
   * it. Default false.
   */
  readonly heedsAbort?: boolean;
}

const schema = z.strictObject({ heedsAbort: z.boolean().describe('true or false').default(false) });

/**
 * A backend whose every call waits until the test says how it ends.
 *
 * @example
 * const backend = new ScriptedBackend();
 * router.addModel('local', { backend });
 * const answer = router.generate('hi');
 * backend.last.succeed({ content: 'hello' });
 */
export class ScriptedBackend implements Backend {
  /** All calls so far, in order. */
  readonly calls: ScriptedCall[] = [];
  protected readonly heedsAbort: boolean;

  /** @throws {ConfigurationError} when an option is wrong */
  constructor(options: ScriptedBackendOptions = {}) {
    this.heedsAbort = parseOptions(schema, options, 'new ScriptedBackend()').heedsAbort;
  }

  generate(request: LLMRequest, context: BackendContext): Promise<LLMResponse> {
    return new Promise((resolve, reject) => {
      let hasEnded = false;
      const call: ScriptedCall = {
        request,
        context,
        get isOpen() {
          return !hasEnded && !context.signal.aborted;
        },
        succeed(response = {}) {
          hasEnded = true;
          resolve({ content: 'ok', ...response });
        },
        fail(error = new Error('down')) {
          hasEnded = true;
          reject(error);
        },
      };
      this.calls.push(call);
      if (this.heedsAbort) whenAborted(context.signal, call.fail);
    });
  }

  /** The latest call. @throws Error when there is none */
  get last(): ScriptedCall {
    return found(this.calls.at(-1), () => 'last: generate() was not called yet');
  }

  /** The latest call of a request. @throws Error when there is none */
  of(requestId: string): ScriptedCall {
    const call = this.calls.findLast(({ context }) => context.requestId === requestId);
    return found(call, () => {
      const ids = listed([...new Set(this.calls.map(({ context }) => context.requestId))]);
      return `of(${quoted(String(requestId))}): generate() was called ${ids === null ? 'for no request yet' : `only for ${ids}`}`;
    });
  }
}

/** One stream that is fed by hand. */
export interface ScriptedStream {
  readonly request: LLMRequest;
  readonly context: BackendContext;
  /** Pieces that were taken out of it so far. */
  readonly taken: number;
  /** A text, or any other piece. */
  push(piece: string | BackendChunk): void;
  /** The answer is whole. */
  end(finish?: Omit<Extract<BackendChunk, { type: 'finish' }>, 'type'>): void;
  /** The stream breaks. */
  fail(error?: unknown): void;
}

/** It streams as well: each stream hands out what the test pushes, as fast as the router takes it. */
export class ScriptedStreamingBackend extends ScriptedBackend {
  /** All streams so far, in order. */
  readonly streams: ScriptedStream[] = [];
  /** How often it was told to close. */
  closed = 0;

  stream(request: LLMRequest, context: BackendContext): AsyncIterable<BackendChunk> {
    const pieces: BackendChunk[] = [];
    let taken = 0;
    let end: { readonly error?: unknown } | null = null;
    let wake = (): void => {};
    const stream: ScriptedStream = {
      request,
      context,
      get taken() {
        return taken;
      },
      push(piece) {
        pieces.push(typeof piece === 'string' ? { type: 'text', text: piece } : piece);
        wake();
      },
      end(finish = {}) {
        pieces.push({ type: 'finish', ...finish });
        end = {};
        wake();
      },
      fail(error = new Error('cut')) {
        end = { error };
        wake();
      },
    };
    this.streams.push(stream);
    if (this.heedsAbort) {
      whenAborted(context.signal, (reason) => {
        pieces.length = 0;
        stream.fail(reason);
      });
    }
    async function* chunks(): AsyncGenerator<BackendChunk> {
      for (;;) {
        const piece = pieces.shift();
        if (piece !== undefined) {
          taken++;
          yield piece;
        } else if (end !== null) {
          if ('error' in end) throw end.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    }
    return chunks();
  }

  close(): void {
    this.closed++;
  }

  /** The latest stream. @throws Error when there is none */
  get lastStream(): ScriptedStream {
    return found(this.streams.at(-1), () => 'lastStream: stream() was not called yet');
  }
}

function whenAborted(signal: AbortSignal, end: (reason: unknown) => void): void {
  if (signal.aborted) end(signal.reason);
  else signal.addEventListener('abort', () => end(signal.reason), { once: true });
}

function found<Call>(call: Call | undefined, otherwise: () => string): Call {
  if (call === undefined) throw new Error(`ScriptedBackend.${otherwise()}`);
  return call;
}
