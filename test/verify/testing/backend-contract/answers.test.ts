import { AssertionError } from 'node:assert';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Backend, BackendChunk, LLMResponse, Usage } from '../../../../src/backends/backend.ts';
import { runCase } from './cases.ts';

/** As another realm parses it: with other prototypes. */
const parsedElsewhere = <Value>(value: Value): Value =>
  runInNewContext('JSON.parse(text)', { text: JSON.stringify(value) });

const USAGE: Usage = { promptTokens: 2, completionTokens: 3, totalTokens: 5 };
const CALL = { id: 'call_1', name: 'get_weather', arguments: '{}' };

function answering(response: LLMResponse, chunks: readonly BackendChunk[]): () => Backend {
  return () => ({
    generate: async () => response,
    async *stream() {
      yield* chunks;
    },
  });
}

describe('an answer and the stream of it are compared as data, whichever realm has parsed them', () => {
  const content = 'forty-two';
  const whole = 'streams what joins to the same text, and ends with one finish that says the same';

  it('when they have the same usage', async () => {
    const make = answering({ content, finishReason: 'stop', usage: parsedElsewhere(USAGE) }, [
      { type: 'text', text: content },
      { type: 'finish', finishReason: 'stop', usage: USAGE },
    ]);

    await runCase(whole, { make });
  });

  it('and not when the usage is another', async () => {
    const usage = parsedElsewhere({ ...USAGE, totalTokens: 6 });
    const make = answering({ content, finishReason: 'stop', usage }, [
      { type: 'text', text: content },
      { type: 'finish', finishReason: 'stop', usage: USAGE },
    ]);

    await expect(runCase(whole, { make })).rejects.toThrow(AssertionError);
  });

  it.each([
    ['hold', CALL, true],
    ['do not hold of another name', { ...CALL, name: 'get_time' }, false],
  ])('when they have tool calls, which %s', async (_, call, holds) => {
    const make = answering({ content: '', toolCalls: parsedElsewhere([CALL]) }, [
      { type: 'tool_call', index: 0, ...call },
      { type: 'finish', finishReason: 'tool_calls' },
    ]);

    const run = runCase('names the tools', { make, behaviours: ['tool_call'] });

    if (holds) await run;
    else await expect(run).rejects.toThrow(AssertionError);
  });
});

describe('what is no answer is told by what it lacks, and not by what it holds', () => {
  it.each([
    [
      'a text',
      'top secret',
      'generate is to resolve with { content }: the content is missing in a value of type string',
    ],
    ['nothing', undefined, 'generate is to resolve with { content }: the content is missing in undefined'],
    ['an object without it', { text: 'top secret' }, 'the content is missing in what generate resolves with'],
    ['a number', { content: 42 }, 'the content is to be a string, and is a value of type number'],
  ])('%s', async (_, answer, message) => {
    const make = (): Backend => ({ generate: async () => answer as never });

    const error = await runCase('answers with a text', { make }).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(AssertionError);
    expect((error as Error).message.split('\n')[0]).toBe(message);
    expect((error as Error).message).not.toContain('top secret');
  });
});
