import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, BackendChunk, BackendContext, LLMRequest } from '../../src/backends/backend.ts';
import { BackendError } from '../../src/errors.ts';
import { expectNoSecret, rejectionOf } from '../support/leaks.ts';

/** What the provider behind a backend can be made to do. */
export type Behaviour =
  | 'ok'
  | 'slow'
  | 'hang'
  | 'error500'
  | 'rate_limited'
  | 'bad_request'
  | 'echo_key'
  | 'truncated'
  | 'reset'
  | 'malformed'
  | 'tool_call'
  | 'reasoning';

/** What not every backend can do. */
export interface Capabilities {
  readonly tools: boolean;
  readonly reasoning: boolean;
  /** Its streams come over a connection that can break. */
  readonly remote: boolean;
}

export interface Failure {
  readonly status?: number;
  readonly code?: string;
  readonly retryAfterMs?: number;
}

/** One kind of backend, and the world behind it. */
export interface BackendHarness {
  /** A backend whose provider behaves so. `tag` tells its calls from those of others. */
  make(behaviour: Behaviour, tag: string): Backend;
  /** The failures that this kind of backend can meet, and what it must say of them. */
  readonly failures: Partial<Readonly<Record<Behaviour, Failure>>>;
  /** Resolves when the provider has begun with the call. */
  begun(behaviour: Behaviour, tag: string): Promise<void>;
  /** Resolves when the provider has seen that the caller left. */
  left(behaviour: Behaviour, tag: string): Promise<void>;
  /** Resolves when the provider counts no open connection any more. */
  released(): Promise<void>;
  /** What no error may ever hold. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

export const aRequest = (fields: Partial<LLMRequest> = {}): LLMRequest => ({
  prompt: 'What is six times seven?',
  messages: [{ role: 'user', content: 'What is six times seven?' }],
  ...fields,
});

export const aContext = (signal: AbortSignal = new AbortController().signal): BackendContext => ({
  model: 'under-test',
  signal,
  requestId: 'req-1',
  attempt: 1,
  options: {},
});

export async function collect(chunks: AsyncIterable<BackendChunk>): Promise<BackendChunk[]> {
  const all: BackendChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

export const textOf = (chunks: readonly BackendChunk[]): string =>
  chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('');

const finishOf = (chunks: readonly BackendChunk[]) => chunks.find((chunk) => chunk.type === 'finish');

/** What every backend keeps to, whatever is behind it. */
export function backendContract(
  name: string,
  makeHarness: () => Promise<BackendHarness>,
  { tools, reasoning, remote }: Capabilities,
): void {
  describe(`${name} keeps to the port`, () => {
    let harness: BackendHarness;
    let tags = 0;
    beforeAll(async () => {
      harness = await makeHarness();
    });
    afterAll(() => harness.close());

    const using = async <T>(behaviour: Behaviour, use: (backend: Backend, tag: string) => Promise<T>): Promise<T> => {
      const tag = `${name}-${++tags}`;
      const backend = harness.make(behaviour, tag);
      try {
        return await use(backend, tag);
      } finally {
        await backend.close?.();
      }
    };
    const streamed = (backend: Backend, signal?: AbortSignal) => backend.stream!(aRequest(), aContext(signal));

    it('answers with a text, its usage and why it ended', () =>
      using('ok', async (backend) => {
        const answer = await backend.generate(aRequest(), aContext());
        expect(answer.content).not.toBe('');
        expect(answer.success ?? true).toBe(true);
        expect(answer.finishReason).toBe('stop');
        expect(answer.usage!.totalTokens).toBe(answer.usage!.promptTokens + answer.usage!.completionTokens);
        expect(answer.usage!.completionTokens).toBeGreaterThan(0);
      }));

    it('streams what joins to the same text, with the same usage, and ends with one finish', () =>
      using('ok', async (backend) => {
        const answer = await backend.generate(aRequest(), aContext());
        const chunks = await collect(streamed(backend));
        expect(textOf(chunks)).toBe(answer.content);
        expect(chunks.filter((chunk) => chunk.type === 'text').length).toBeGreaterThan(1);
        expect(chunks.filter((chunk) => chunk.type === 'finish')).toHaveLength(1);
        expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop', usage: answer.usage });
      }));

    it('serves many calls at once without mixing them', () =>
      using('ok', async (backend) => {
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            index % 2 === 0
              ? backend.generate(aRequest(), aContext()).then(({ content }) => content)
              : collect(streamed(backend)).then(textOf),
          ),
        );
        expect(new Set(answers).size).toBe(1);
      }));

    if (tools)
      it('names the tools that the model asks for, with the arguments as JSON text', () =>
        using('tool_call', async (backend) => {
          const request = aRequest({ tools: [{ name: 'get_weather', parameters: { type: 'object' } }] });
          const { toolCalls, finishReason } = await backend.generate(request, aContext());
          expect(finishReason).toBe('tool_calls');
          expect(toolCalls).toEqual([
            { id: expect.stringMatching(/^call_/), name: 'get_weather', arguments: expect.any(String) },
          ]);
          expect(JSON.parse(toolCalls![0]!.arguments)).toEqual({ city: 'Köln' });
          const chunks = await collect(backend.stream!(request, aContext()));
          const deltas = chunks.flatMap((chunk) => (chunk.type === 'tool_call' ? [chunk] : []));
          expect(deltas[0]).toMatchObject({ index: 0, id: toolCalls![0]!.id, name: 'get_weather' });
          expect(deltas.map((delta) => delta.arguments ?? '').join('')).toBe(toolCalls![0]!.arguments);
          expect(finishOf(chunks)).toMatchObject({ finishReason: 'tool_calls' });
        }));

    if (reasoning)
      it('keeps reasoning apart from the answer', () =>
        using('reasoning', async (backend) => {
          const answer = await backend.generate(aRequest(), aContext());
          const chunks = await collect(streamed(backend));
          expect(answer.reasoning).toBe('Let me think.');
          expect(chunks.map((chunk) => (chunk.type === 'reasoning' ? chunk.text : '')).join('')).toBe(answer.reasoning);
          expect(textOf(chunks)).toBe(answer.content);
          expect(answer.content).not.toContain('Let me think');
        }));

    it('does not begin when the caller has left already', () =>
      using('ok', async (backend) => {
        const left = AbortSignal.abort('gone');
        expect(await rejectionOf(backend.generate(aRequest(), aContext(left)))).toBe('gone');
        expect(await rejectionOf(collect(streamed(backend, left)))).toBe('gone');
      }));

    for (const way of ['generate', 'stream'] as const) {
      it(`${way} stops at once when the caller leaves before the first sign of an answer, and the provider sees it`, () =>
        using('hang', async (backend, tag) => {
          const controller = new AbortController();
          const { signal } = controller;
          const call =
            way === 'generate' ? backend.generate(aRequest(), aContext(signal)) : collect(streamed(backend, signal));
          const rejected = rejectionOf(call);
          await harness.begun('hang', tag);
          const reason = new Error('the caller left');
          controller.abort(reason);
          expect(await rejected).toBe(reason);
          await harness.left('hang', tag);
        }));
    }

    it('stops at once when the caller leaves in mid-stream, and the provider sees it', () =>
      using('slow', async (backend, tag) => {
        const controller = new AbortController();
        const reason = new Error('enough');
        let pieces = 0;
        const reading = (async () => {
          for await (const chunk of streamed(backend, controller.signal)) {
            expect(controller.signal.aborted).toBe(false);
            if (chunk.type === 'text' && ++pieces === 3) controller.abort(reason);
          }
        })();
        expect(await rejectionOf(reading)).toBe(reason);
        expect(pieces).toBe(3);
        await harness.left('slow', tag);
      }));

    it('lets go of the provider when its reader breaks out of the loop', () =>
      using('slow', async (backend, tag) => {
        for await (const chunk of streamed(backend)) if (chunk.type === 'text') break;
        await harness.left('slow', tag);
      }));

    it('says of each failure whose fault it was', async () => {
      for (const [behaviour, expected] of Object.entries(harness.failures) as [Behaviour, Failure][]) {
        await using(behaviour, async (backend) => {
          const errors = [
            await rejectionOf(backend.generate(aRequest(), aContext())),
            await rejectionOf(collect(streamed(backend))),
          ];
          for (const error of errors) {
            expect(error, behaviour).toBeInstanceOf(BackendError);
            const { status, code, retryAfterMs } = error as BackendError;
            const seen = { status, code, retryAfterMs };
            // A cut answer is named after the socket or after the stream, whichever was cut.
            if (behaviour === 'truncated' || behaviour === 'reset') expect(code, behaviour).toMatch(/./);
            else
              expect(seen, behaviour).toEqual({
                status: undefined,
                code: undefined,
                retryAfterMs: undefined,
                ...expected,
              });
          }
        });
      }
    });

    if (remote)
      it('never takes a stream that was cut for a whole one', () =>
        using('truncated', async (backend) => {
          const chunks: BackendChunk[] = [];
          const reading = (async () => {
            for await (const chunk of streamed(backend)) chunks.push(chunk);
          })();
          expect(await rejectionOf(reading)).toMatchObject({ code: 'stream_truncated' });
          expect(finishOf(chunks)).toBeUndefined();
          expect(textOf(chunks)).toBe('The answer is');
        }));

    it('shows its keys in no error and in no print of itself', async () => {
      for (const behaviour of Object.keys(harness.failures) as Behaviour[]) {
        await using(behaviour, async (backend) => {
          expectNoSecret(await rejectionOf(backend.generate(aRequest(), aContext())), harness.secrets);
          expectNoSecret(await rejectionOf(collect(streamed(backend))), harness.secrets);
          expectNoSecret(backend, harness.secrets);
        });
      }
    });

    it('leaves no listener on the signal of a call', () =>
      using('ok', async (backend) => {
        let listeners = 0;
        const { signal } = new AbortController();
        const add = signal.addEventListener.bind(signal);
        const remove = signal.removeEventListener.bind(signal);
        signal.addEventListener = (...args: Parameters<typeof add>) => {
          listeners++;
          add(...args);
        };
        signal.removeEventListener = (...args: Parameters<typeof remove>) => {
          listeners--;
          remove(...args);
        };
        await backend.generate(aRequest(), aContext(signal));
        await collect(streamed(backend, signal));
        await backend.close?.();
        expect(listeners).toBe(0);
      }));

    it('is well when its provider is', () =>
      using('ok', async (backend) => {
        expect(await backend.healthCheck?.({ signal: new AbortController().signal })).toBeUndefined();
      }));

    it('releases its connections when it is closed', async () => {
      await using('ok', (backend) => collect(streamed(backend)));
      await harness.released();
    });
  });
}
