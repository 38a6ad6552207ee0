import assert from 'node:assert/strict';
import type { BackendChunk } from '../../../backends/backend.ts';
import { aRequest, generated, joined, streamed } from './call.ts';
import type { Contract, ContractCase } from './contract.ts';

/** What an answer is. */
export function answers({ testCase, behaviours, streams }: Contract): readonly ContractCase[] {
  const cases = [
    testCase('answers with a text', 'ok', async (backend) => {
      const { content, usage } = await generated(backend);
      assert.notEqual(content ?? '', '', 'the content is empty');
      if (usage !== undefined) assert.equal(usage.totalTokens, usage.promptTokens + usage.completionTokens);
    }),
    testCase('serves many calls at once without mixing them', 'ok', async (backend) => {
      const texts = Array.from({ length: 20 }, async (_, index) =>
        streams && index % 2 === 1 ? joined(await streamed(backend), 'text') : (await generated(backend)).content,
      );
      assert.equal(new Set(await Promise.all(texts)).size, 1, 'the answers differ');
    }),
  ];
  if (streams) {
    cases.push(
      testCase(
        'streams what joins to the same text, and ends with one finish that says the same',
        'ok',
        async (backend) => {
          const { content, finishReason, usage } = await generated(backend);
          const chunks = await streamed(backend);
          assert.equal(joined(chunks, 'text'), content);
          assert.deepEqual(
            indexesOfFinish(chunks),
            [chunks.length - 1],
            'the last piece, and no other, is to be a finish',
          );
          const finish = chunks.at(-1) as Extract<BackendChunk, { type: 'finish' }>;
          assertAlike([finish.finishReason, finish.usage], [finishReason, usage]);
        },
      ),
    );
  }
  if (behaviours.includes('tool_call')) {
    cases.push(
      testCase(
        'names the tools that the model asks for, with the arguments as JSON text',
        'tool_call',
        async (backend) => {
          const request = aRequest({ tools: [{ name: 'get_weather', parameters: { type: 'object' } }] });
          const { toolCalls = [] } = await generated(backend, request);
          assert.notEqual(toolCalls.length, 0, 'there are no toolCalls');
          for (const call of toolCalls) assert.equal(typeof JSON.parse(call.arguments), 'object');
          if (streams) assertAlike(toolCallsIn(await streamed(backend, request)), toolCalls);
        },
      ),
    );
  }
  if (behaviours.includes('reasoning')) {
    cases.push(
      testCase('keeps reasoning apart from the answer', 'reasoning', async (backend) => {
        const { content, reasoning = '' } = await generated(backend);
        assert.notEqual(reasoning, '', 'there is no reasoning');
        assert.ok(!content.includes(reasoning), 'the content holds the reasoning');
        if (!streams) return;
        const chunks = await streamed(backend);
        assert.deepEqual([joined(chunks, 'reasoning'), joined(chunks, 'text')], [reasoning, content]);
      }),
    );
  }
  return cases;
}

/** As data: under jest, what `fetch` and what the test has parsed have prototypes of two realms, which differ. */
function assertAlike(actual: unknown, expected: unknown): void {
  assert.deepEqual(copyOf(actual), copyOf(expected));
}

const copyOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Where a stream says that it is whole. */
export const indexesOfFinish = (chunks: readonly BackendChunk[]): number[] =>
  chunks.flatMap(({ type }, index) => (type === 'finish' ? [index] : []));

/** The tool calls that the deltas of a stream make up. */
function toolCallsIn(chunks: readonly BackendChunk[]) {
  const calls = new Map<number, { id: string; name: string; arguments: string }>();
  for (const chunk of chunks) {
    if (chunk.type !== 'tool_call') continue;
    const { index, id = '', name = '', arguments: piece = '' } = chunk;
    const call = calls.get(index) ?? { id: '', name: '', arguments: '' };
    calls.set(index, { id: call.id + id, name: call.name + name, arguments: call.arguments + piece });
  }
  return [...calls.values()];
}
