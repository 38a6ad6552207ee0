import { describe, expect, it } from 'vitest';
import type { LLMRequest } from '../../src/backends/backend.ts';
import { createBackend } from '../../src/backends/registry.ts';
import type { BackendError } from '../../src/errors.ts';
import { blame } from '../../src/retry/classify.ts';
import { backendsUnderTest } from '../support/backends-under-test.ts';
import { expectNoSecret, rejectionOf } from '../support/leaks.ts';
import { aContext, aRequest, collect, textOf } from './contract.ts';

const KEY = '0123456789abcdef0123456789abcdef';
const DATED = '2024-10-21';
const { provider, closesAfter, backendOf } = await backendsUnderTest('azure-openai', (url) => ({
  name: 'azure',
  baseUrl: url,
  apiKey: KEY,
}));

const replaying = (text: string, more: object = {}): LLMRequest =>
  aRequest({ providerOptions: { replay: { text, ...more } } });

const SIGN = { type: 'text', text: '' } as const;

describe('what is sent to Azure', () => {
  it('goes to the API without versions, with the key in a header of its own', async () => {
    await backendOf('ok:v1').generate(aRequest({ maxTokens: 5 }), aContext());
    const { path, headers, body } = await provider.last('ok:v1');
    expect(path).toBe('/openai/v1/chat/completions');
    expect(headers).toMatchObject({ 'api-key': KEY });
    expect(headers).not.toHaveProperty('authorization');
    expect(body).toMatchObject({ model: 'ok:v1', max_completion_tokens: 5 });
  });

  it('goes to the deployment of a dated API, whose limit of tokens has the old name', async () => {
    await backendOf('ok:a b/c', { apiVersion: DATED }).generate(aRequest({ maxTokens: 5 }), aContext());
    const { path, headers, body } = await provider.last('ok:a b/c');
    expect(path).toBe(`/openai/deployments/ok%3Aa%20b%2Fc/chat/completions?api-version=${DATED}`);
    expect(headers).toMatchObject({ 'api-key': KEY });
    expect(body).toMatchObject({ max_tokens: 5 });
    expect(body).not.toHaveProperty('max_completion_tokens');
  });

  it('keeps the path and the query of a gateway', async () => {
    const options = { baseUrl: `${provider.url}/gateway/?subscription=7`, apiVersion: DATED };
    await backendOf('ok:gateway', options).generate(aRequest(), aContext());
    expect((await provider.last('ok:gateway')).path).toBe(
      `/gateway/openai/deployments/ok%3Agateway/chat/completions?api-version=${DATED}&subscription=7`,
    );
  });

  it('may be signed with a token instead of a key', async () => {
    const backend = createBackend('azure-openai', {
      name: 'azure',
      model: 'ok:token',
      baseUrl: provider.url,
      headers: { Authorization: 'Bearer a-token-of-entra' },
    });
    closesAfter(backend);
    await backend.generate(aRequest(), aContext());
    const { headers } = await provider.last('ok:token');
    expect(headers).toMatchObject({ authorization: 'Bearer a-token-of-entra' });
    expect(headers).not.toHaveProperty('api-key');
  });
});

describe('what Azure answers', () => {
  it('begins with what its filter found in the prompt, and may come byte by byte', async () => {
    const chunks = await collect(backendOf('bytewise').stream!(aRequest(), aContext()));
    // What has no content is a sign of life.
    expect(chunks[0]).toEqual(SIGN);
    expect(chunks.find((chunk) => chunk.type === 'text' && chunk.text !== '')).toEqual({ type: 'text', text: 'The' });
    expect(textOf(chunks)).toBe('The answer is förty-two 🙂.');
    expect(chunks.at(-1)).toMatchObject({ finishReason: 'stop', usage: { totalTokens: 18 } });
  });

  it('may be broken off by the filter, with findings that come late', async () => {
    const text = [
      { choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] },
      { choices: [{ index: 0, delta: { role: 'assistant', content: 'One' }, finish_reason: null }] },
      { choices: [{ index: 0, finish_reason: null, content_filter_offsets: { check_offset: 3 } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'content_filter' }] },
    ].map((event) => `data: ${JSON.stringify(event)}\n\n`);
    const chunks = await collect(
      backendOf('replay').stream!(replaying(`${text.join('')}data: [DONE]\n\n`), aContext()),
    );
    expect(chunks).toEqual([
      SIGN,
      { type: 'text', text: 'One' },
      SIGN,
      { type: 'finish', finishReason: 'content_filter' },
    ]);
  });
});

describe("Azure's errors", () => {
  it('lay a filtered prompt to the caller, not to the model', async () => {
    const error = (await rejectionOf(backendOf('filtered').generate(aRequest(), aContext()))) as BackendError;
    expect(error).toMatchObject({ status: 400, code: 'content_filter' });
    expect(error.message).toContain('content management policy');
    expect(blame(error).outcome).toBe('ignored');
  });

  it('name a deployment that does not exist', async () => {
    const backend = backendOf('nowhere', { apiVersion: DATED });
    expect(await rejectionOf(backend.generate(aRequest(), aContext()))).toMatchObject({
      status: 404,
      code: 'DeploymentNotFound',
    });
  });

  it('take the words of its gateway, and do not hide the version in them', async () => {
    const text = JSON.stringify({ statusCode: 400, message: `${DATED} is not supported; subscription ${KEY}` });
    const backend = backendOf('replay', { apiVersion: DATED });
    const error = (await rejectionOf(backend.generate(replaying(text, { status: 400 }), aContext()))) as BackendError;
    expect(error.message).toBe(`model 'azure' answered 400: ${DATED} is not supported; subscription [redacted]`);
    expectNoSecret(error, [KEY]);
  });

  it.each([
    ['x-ms-retry-after-ms', { 'x-ms-retry-after-ms': '700', 'retry-after': '1' }, 700],
    ['retry-after', { 'retry-after': '44' }, 44_000],
    ['the spent limit', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '9' }, 9_000],
    ['no limit that is not kept', { 'x-ratelimit-remaining-tokens': '-1', 'x-ratelimit-reset-tokens': '9' }, undefined],
  ])('say how long to wait: %s', async (_what, headers, expected) => {
    const text = JSON.stringify({ error: { code: '429', message: 'slow down' } });
    const request = replaying(text, { status: 429, headers });
    const error = (await rejectionOf(backendOf('replay').generate(request, aContext()))) as BackendError;
    expect(error.status).toBe(429);
    expect(error.retryAfterMs).toBe(expected);
  });
});

describe("Azure's health", () => {
  const { signal } = new AbortController();

  it.each([
    [undefined, '/openai/v1/models'],
    [DATED, `/openai/models?api-version=${DATED}`],
  ])('is that of its list of models: %s', async (apiVersion, path) => {
    await backendOf('ok', apiVersion === undefined ? {} : { apiVersion }).healthCheck!({ signal });
    expect((await provider.log()).attempts.at(-1)!.path).toBe(path);
  });

  it('is bad without a valid key', async () => {
    const error = await rejectionOf(backendOf('ok', { apiKey: 'sk-wrong' }).healthCheck!({ signal }));
    expect(error).toMatchObject({ status: 401 });
    expectNoSecret(error, ['sk-wrong']);
  });
});
