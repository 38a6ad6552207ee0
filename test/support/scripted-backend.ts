import type { Backend, BackendContext, LLMRequest, LLMResponse } from '../../src/backends/backend.ts';

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
