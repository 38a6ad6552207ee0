import { AssertionError } from 'node:assert';
import { describe, expect, it } from 'vitest';
import type { Backend, BackendChunk, BackendContext, LLMRequest, LLMResponse } from '../../../src/backends/backend.ts';
import { BackendError } from '../../../src/errors.ts';
import type { BackendContractOptions } from '../../../src/verify/testing/backend-contract/options.ts';
import { backendContract } from '../../../src/verify/testing/backend-contract.ts';
import { everythingPrinted } from '../../../src/verify/testing/printed.ts';

const KEY = 'sk-0123456789';
const CALL = { id: 'call_1', name: 'get_weather', arguments: '{"city":"Köln"}' };

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** Which provider is behind it is the first argument; its methods are there to be got wrong. */
class GoodBackend implements Backend {
  readonly behaviour: string;
  left = 0;
  closed = 0;

  constructor(behaviour: string) {
    this.behaviour = behaviour;
  }

  async generate(request: LLMRequest, context: BackendContext): Promise<LLMResponse> {
    const { response } = await this.answer(request, context);
    return response;
  }

  async *stream(request: LLMRequest, context: BackendContext): AsyncGenerator<BackendChunk> {
    const { response } = await this.answer(request, context);
    const { content, reasoning, toolCalls = [], finishReason, usage } = response;
    if (reasoning !== undefined) yield { type: 'reasoning', text: reasoning };
    let isWhole = false;
    try {
      for (const text of content) {
        context.signal.throwIfAborted();
        yield { type: 'text', text };
        if (this.behaviour === 'truncated') throw new BackendError('cut', { code: 'stream_truncated' });
      }
      for (const [index, { arguments: json, ...call }] of toolCalls.entries()) {
        yield { type: 'tool_call', index, ...call };
        yield { type: 'tool_call', index, arguments: json };
      }
      isWhole = true;
    } finally {
      if (!isWhole) this.left++;
    }
    yield { type: 'finish', finishReason: finishReason!, usage: usage! };
  }

  async healthCheck(): Promise<void> {}

  close(): void {
    this.closed++;
  }

  async answer(_: LLMRequest, { signal }: BackendContext): Promise<{ readonly response: LLMResponse }> {
    signal.throwIfAborted();
    if (this.behaviour === 'hang') await aborted(signal).finally(() => this.left++);
    if (this.behaviour === 'overloaded') {
      throw new BackendError('overloaded', { status: 503, code: 'busy', retryAfterMs: 10 });
    }
    return {
      response: {
        content: this.behaviour === 'tool_call' ? '' : 'forty-two',
        finishReason: 'stop',
        usage: { promptTokens: 2, completionTokens: 3, totalTokens: 5 },
        ...(this.behaviour === 'tool_call' && { toolCalls: [CALL] }),
        ...(this.behaviour === 'reasoning' && { reasoning: 'Six times seven.' }),
      },
    };
  }
}

/** The whole contract over backends of one class, and the cases that do not hold. */
async function brokenBy(
  Made: new (behaviour: string) => GoodBackend,
  options: Partial<BackendContractOptions> = {},
): Promise<readonly string[]> {
  const made = new Map<string, GoodBackend>();
  const broken: string[] = [];
  const cases = backendContract({
    make(behaviour, tag) {
      const backend = new Made(behaviour);
      made.set(tag, backend);
      return backend;
    },
    behaviours: ['hang', 'slow', 'truncated', 'tool_call', 'reasoning'],
    failures: { overloaded: { status: 503, code: /^bus/, retryAfterMs: 10 } },
    keepsAbortReason: true,
    releasesSignal: true,
    begun: async () => {},
    async left(_, tag) {
      if (made.get(tag)!.left !== 1) await new Promise(() => {});
    },
    released: async () => expect([...made.values()].every(({ closed }) => closed === 1)).toBe(true),
    secrets: [KEY],
    limitMs: 20,
    ...options,
  });
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  for (const { name, run } of cases) {
    try {
      await run();
    } catch (error) {
      broken.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
      expect(error, name).toBeInstanceOf(AssertionError);
    }
  }
  return broken;
}

describe('the contract of a backend', () => {
  it('holds of a backend that keeps to it', async () => {
    expect(await brokenBy(GoodBackend)).toEqual([]);
  });

  it('asks a backend only for what it can do', () => {
    const names = backendContract({ make: () => new GoodBackend('ok'), streams: false }).map(({ name }) => name);

    expect(names).toEqual([
      'answers with a text',
      'serves many calls at once without mixing them',
      'generate does not begin when the caller has left already',
      'is well when its provider is, if it can tell',
    ]);
  });

  it('holds of the smallest backend there is', async () => {
    const make = (): Backend => ({
      generate: async (_, { signal }) => {
        signal.throwIfAborted();
        return { content: 'hi' };
      },
    });

    for (const { run } of backendContract({ make, streams: false })) await run();
    const [, streams] = backendContract({ make });
    await expect(streams!.run()).rejects.toThrow('the backend has no stream(); say so with streams: false');
  });
});

class Empty extends GoodBackend {
  override async generate(): Promise<LLMResponse> {
    return { content: '' };
  }
}
class Miscounted extends GoodBackend {
  override async answer(...args: Parameters<GoodBackend['answer']>) {
    const { response } = await super.answer(...args);
    return { response: { ...response, usage: { promptTokens: 2, completionTokens: 3, totalTokens: 6 } } };
  }
}
let served = 0;
class Mixed extends GoodBackend {
  override async generate(...args: Parameters<GoodBackend['generate']>) {
    return { ...(await super.generate(...args)), content: `${served++}` };
  }
}
class Endless extends GoodBackend {
  override async *stream(...args: Parameters<GoodBackend['stream']>): AsyncGenerator<BackendChunk> {
    for await (const chunk of super.stream(...args)) if (chunk.type !== 'finish') yield chunk;
  }
}
class TwiceWhole extends GoodBackend {
  override async *stream(...args: Parameters<GoodBackend['stream']>): AsyncGenerator<BackendChunk> {
    for await (const chunk of super.stream(...args)) {
      if (chunk.type === 'finish') yield chunk;
      yield chunk;
    }
  }
}
class MadeUpEnd extends GoodBackend {
  override async *stream(...args: Parameters<GoodBackend['stream']>): AsyncGenerator<BackendChunk> {
    try {
      yield* super.stream(...args);
    } catch (error) {
      if (this.behaviour !== 'truncated') throw error;
      yield { type: 'finish', finishReason: 'stop' };
      throw error;
    }
  }
}
class Deaf extends GoodBackend {
  override answer(request: LLMRequest, context: BackendContext) {
    return super.answer(request, { ...context, signal: new AbortController().signal });
  }
}
class Unreasonable extends GoodBackend {
  override async answer(request: LLMRequest, context: BackendContext) {
    return super.answer(request, context).catch((error) => {
      throw error instanceof BackendError ? error : new Error('stopped');
    });
  }
}
class Holding extends GoodBackend {
  override async *stream(...args: Parameters<GoodBackend['stream']>): AsyncGenerator<BackendChunk> {
    const iterator = super.stream(...args);
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) yield step.value;
  }
}
class Blameless extends GoodBackend {
  override async answer(request: LLMRequest, context: BackendContext) {
    return super.answer(request, context).catch((error) => {
      throw error instanceof BackendError && error.status === 503 ? new Error('overloaded') : error;
    });
  }
}
class Apologetic extends GoodBackend {
  override async answer(request: LLMRequest, context: BackendContext) {
    return super.answer(request, context).catch((error) => {
      if (error instanceof BackendError && error.status === 503) return { response: { content: 'Sorry.' } };
      throw error;
    });
  }
}
class Reported extends GoodBackend {
  override async generate(...args: Parameters<GoodBackend['generate']>): Promise<LLMResponse> {
    return super.generate(...args).catch((error) => ({ content: '', success: false, error: String(error) }));
  }
}
class Talkative extends GoodBackend {
  readonly key = KEY;
}
class Listening extends GoodBackend {
  override async generate(...args: Parameters<GoodBackend['generate']>): Promise<LLMResponse> {
    args[1].signal.addEventListener('abort', () => {});
    return super.generate(...args);
  }
}
class ToolForgetful extends GoodBackend {
  override async generate(...args: Parameters<GoodBackend['generate']>): Promise<LLMResponse> {
    const { toolCalls: _, ...response } = await super.generate(...args);
    return response;
  }
}
class ThinkingAloud extends GoodBackend {
  override async generate(...args: Parameters<GoodBackend['generate']>): Promise<LLMResponse> {
    const response = await super.generate(...args);
    return { ...response, content: (response.reasoning ?? '') + response.content };
  }
}
class Unwell extends GoodBackend {
  override healthCheck(): Promise<void> {
    return new Promise(() => {});
  }
}

describe('a backend that breaks the contract', () => {
  it.each<[string, new (behaviour: string) => GoodBackend, string]>([
    ['answers with nothing', Empty, 'answers with a text: the content is empty'],
    ['miscounts', Miscounted, 'answers with a text: Expected values'],
    ['mixes answers', Mixed, 'serves many calls at once without mixing them: the answers differ'],
    ['never finishes a stream', Endless, 'the last piece, and no other, is to be a finish'],
    ['finishes a stream twice', TwiceWhole, 'the last piece, and no other, is to be a finish'],
    ['makes up an end', MadeUpEnd, 'cut for a whole one: a finish says that a cut stream is whole'],
    ['does not look at the signal', Deaf, 'generate, after its signal aborted: not within 20 ms'],
    ['begins for a caller who has left', Deaf, 'generate with an aborted signal: resolved, and was to reject'],
    ['hides why it was called off', Unreasonable, 'it is to reject with the reason of its signal'],
    ['holds on to a stream nobody reads', Holding, 'left(), after the reader left: not within 20 ms'],
    ['says nothing of a failure', Blameless, 'generate: status is undefined, and was to be 503'],
    ['puts a failure into its answer', Apologetic, 'generate: resolved, and was to reject'],
    ['shows its key', Talkative, "a secret that begins with 'sk-' is printed"],
    [
      'leaves a listener',
      Listening,
      'removing every listener from the signal of a call that is over: not within 20 ms',
    ],
    ['forgets its tool calls', ToolForgetful, 'there are no toolCalls'],
    ['mixes reasoning into the answer', ThinkingAloud, 'the content holds the reasoning'],
    ['does not say that it is well', Unwell, 'healthCheck(): not within 20 ms'],
  ])('is found when it %s', async (_, Made, text) => {
    expect(await brokenBy(Made)).toEqual(expect.arrayContaining([expect.stringContaining(text)]));
  });

  it('may report a failure without throwing, but then says nothing of it', async () => {
    expect(await brokenBy(Reported, { failures: { overloaded: {} }, keepsAbortReason: false })).toEqual([]);
  });

  it('is closed all the same', async () => {
    const made: Empty[] = [];
    const make = (): Empty => {
      made.push(new Empty('ok'));
      return made[0]!;
    };

    await expect(backendContract({ make })[0]!.run()).rejects.toThrow('the content is empty');

    expect(made.map(({ closed }) => closed)).toEqual([1]);
  });

  it('does not get its secret printed by the contract itself', async () => {
    const broken = await brokenBy(Talkative);

    expect(broken.length).toBeGreaterThan(0);
    expect(everythingPrinted(broken)).not.toContain(KEY);
  });
});
