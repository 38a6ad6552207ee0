import type { Backend, BackendChunk, BackendContext, LLMRequest, LLMResponse } from '../../src/backends/backend.ts';

export interface ScriptedCall {
  readonly request: LLMRequest;
  readonly context: BackendContext;
  succeed(response?: Partial<LLMResponse>): void;
  fail(error?: unknown): void;
}

/** A backend whose every call waits until the test says how it ends. */
export class ScriptedBackend implements Backend {
  /** All calls so far, in order. */
  readonly calls: ScriptedCall[] = [];

  generate(request: LLMRequest, context: BackendContext): Promise<LLMResponse> {
    return new Promise((resolve, reject) => {
      this.calls.push({
        request,
        context,
        succeed: (response = {}) => resolve({ content: 'ok', ...response }),
        fail: (error = new Error('down')) => reject(error),
      });
    });
  }

  /** The latest call. */
  get last(): ScriptedCall {
    return this.calls.at(-1)!;
  }

  of(requestId: string): ScriptedCall {
    return this.calls.findLast(({ context }) => context.requestId === requestId)!;
  }
}

export interface ScriptedStream {
  readonly request: LLMRequest;
  readonly context: BackendContext;
  /** Pieces that were taken out of it so far. */
  readonly taken: number;
  /** A text, or any other piece. */
  push(piece: string | BackendChunk): void;
  /** The answer is whole. */
  end(finish?: Omit<Extract<BackendChunk, { type: 'finish' }>, 'type'>): void;
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
    this.streams.push({
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
    });
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

  /** The latest stream. */
  get lastStream(): ScriptedStream {
    return this.streams.at(-1)!;
  }
}
