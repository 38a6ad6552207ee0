import assert from 'node:assert/strict';
import type { Backend, BackendChunk, BackendContext, LLMRequest, LLMResponse } from '../../../backends/backend.ts';
import { systemClock } from '../../../clock.ts';

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

/** Gives what `generate` resolves with. @throws also when it reports a failure without throwing */
export async function generated(
  backend: Backend,
  request: LLMRequest = aRequest(),
  context: BackendContext = aContext(),
): Promise<LLMResponse> {
  const response = await backend.generate(request, context);
  if (response.success === false) throw new Error(response.error ?? 'success: false');
  return response;
}

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
    return error;
  }
  throw new assert.AssertionError({ message: `${what}: resolved, and was to reject` });
}

/** @throws {AssertionError} when the promise is not settled in time */
export function within<T>(limitMs: number, what: string, promise: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = systemClock.setTimeout(
      () => reject(new assert.AssertionError({ message: `${what}: not within ${limitMs} ms` })),
      limitMs,
    );
    promise.then(resolve, reject).then(() => systemClock.clearTimeout(timer));
  });
}
