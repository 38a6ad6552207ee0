import assert from 'node:assert/strict';
import type { Backend, BackendChunk, BackendContext, LLMRequest, LLMResponse } from '../../../backends/backend.ts';

/** A request as the router hands it to a backend. */
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

/**
 * Gives what `generate` resolves with.
 * @throws also when it reports a failure without throwing
 * @throws {AssertionError} when it is no answer
 */
export async function generated(
  backend: Backend,
  request: LLMRequest = aRequest(),
  context: BackendContext = aContext(),
): Promise<LLMResponse> {
  const response = await backend.generate(request, context);
  assert.ok(
    typeof response === 'object' && response !== null,
    `generate is to resolve with { content }: the content is missing in ${kindOf(response)}`,
  );
  const { success, error, content, toolCalls } = response;
  if (success === false) throw new Error(error ?? 'success: false');
  if (toolCalls === undefined) {
    assert.notEqual(content, undefined, 'the content is missing in what generate resolves with');
    assert.equal(typeof content, 'string', `the content is to be a string, and is ${kindOf(content)}`);
  }
  return response;
}

/** Says what a value is, and nothing of what it holds. */
const kindOf = (value: unknown): string =>
  value === undefined || value === null ? String(value) : `a value of type ${typeof value}`;

/** Gives all pieces of a stream. */
export async function streamed(
  backend: Backend,
  request: LLMRequest = aRequest(),
  context: BackendContext = aContext(),
): Promise<BackendChunk[]> {
  const chunks: BackendChunk[] = [];
  for await (const chunk of streamOf(backend, request, context)) chunks.push(chunk);
  return chunks;
}

/** @throws {AssertionError} when the backend cannot stream */
export function streamOf(
  backend: Backend,
  request: LLMRequest = aRequest(),
  context: BackendContext = aContext(),
): AsyncIterable<BackendChunk> {
  assert.ok(backend.stream, 'the backend has no stream(); say so with streams: false');
  return backend.stream(request, context);
}

/** The pieces of one kind, joined. */
export const joined = (chunks: readonly BackendChunk[], type: 'text' | 'reasoning'): string =>
  chunks.map((chunk) => (chunk.type === type ? chunk.text : '')).join('');

/** What a promise rejects with. @throws {AssertionError} when it resolves */
export async function rejectionOf(promise: PromiseLike<unknown>, what: string): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return backendsOwn(error);
  }
  throw new assert.AssertionError({ message: `${what}: resolved, and was to reject` });
}

/** The error, when the backend has thrown it. @throws {AssertionError} when the contract has: it was not kept */
export function backendsOwn(error: unknown): unknown {
  if (error instanceof assert.AssertionError) throw error;
  return error;
}
