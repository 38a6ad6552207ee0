import { describe, expect, it } from 'vitest';
import type { LLMRequest, Message } from '../../src/backends/backend.ts';
import type { BackendError } from '../../src/errors.ts';
import { backendsUnderTest } from '../support/backends-under-test.ts';
import { rejectionOf } from '../support/leaks.ts';
import { aContext, aRequest } from './contract.ts';

const KEY = 'sk-ant-0123456789abcdef';
const { provider, backendOf, bodyOf } = await backendsUnderTest('anthropic', (url) => ({
  name: 'claude',
  baseUrl: url,
  apiKey: KEY,
}));

describe('what is sent to Anthropic', () => {
  it('is a message with everything that the request asks', async () => {
    const body = await bodyOf(
      {
        prompt: 'hi',
        messages: [
          { role: 'system', content: 'be brief' },
          { role: 'system', content: 'be kind' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'one' },
              { type: 'text', text: 'two' },
            ],
          },
          {
            role: 'assistant',
            content: '',
            toolCalls: [
              { id: 'toolu_1', name: 'look', arguments: '{"x":1}' },
              { id: 'toolu_2', name: 'look', arguments: '' },
            ],
          },
          { role: 'tool', content: 'seen', toolCallId: 'toolu_1' },
          { role: 'tool', content: '', toolCallId: 'toolu_2' },
          { role: 'user', content: 'and?' },
        ],
        temperature: 1,
        maxTokens: 9,
        stop: ['END'],
        tools: [{ name: 'look', description: 'looks', parameters: { type: 'object', properties: {} } }],
        toolChoice: { name: 'look' },
        responseFormat: { name: 'shape', schema: { type: 'object' } },
        metadata: { tenant: 'not for the provider' },
      },
      'ok:everything',
    );
    expect(body).toEqual({
      model: 'ok:everything',
      stream: false,
      max_tokens: 9,
      system: 'be brief\n\nbe kind',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'one' },
            { type: 'text', text: 'two' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'toolu_1', name: 'look', input: { x: 1 } },
            { type: 'tool_use', id: 'toolu_2', name: 'look', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'seen' }] },
            { type: 'tool_result', tool_use_id: 'toolu_2', content: [] },
            { type: 'text', text: 'and?' },
          ],
        },
      ],
      temperature: 1,
      stop_sequences: ['END'],
      tools: [{ name: 'look', description: 'looks', input_schema: { type: 'object', properties: {} } }],
      tool_choice: { type: 'tool', name: 'look' },
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
    });
  });

  it('goes to the base URL with the key, the version, the betas and the own headers, which win', async () => {
    const options = { beta: 'one-2025-01-01,two-2025-01-01', headers: { 'X-Own': '1', 'Anthropic-Version': 'mine' } };
    await backendOf('ok:plain').generate(aRequest(), aContext());
    await backendOf('ok:headers', options).generate(aRequest(), aContext());
    const plain = await provider.last('ok:plain');
    expect(plain.path).toBe('/v1/messages');
    expect(plain.headers).toMatchObject({ 'x-api-key': KEY, 'anthropic-version': '2023-06-01' });
    expect(plain.headers).not.toHaveProperty('anthropic-beta');
    expect((await provider.last('ok:headers')).headers).toMatchObject({
      'x-api-key': KEY,
      'anthropic-version': 'mine',
      'anthropic-beta': options.beta,
      'x-own': '1',
    });
  });

  it('holds a limit of tokens always: that of the request, else of the model, else 4096', async () => {
    expect(await bodyOf(aRequest(), 'ok:default')).toMatchObject({ max_tokens: 4096 });
    expect(await bodyOf(aRequest(), 'ok:model', { maxTokens: 100 })).toMatchObject({ max_tokens: 100 });
    expect(await bodyOf(aRequest({ maxTokens: 7 }), 'ok:request', { maxTokens: 100 })).toMatchObject({ max_tokens: 7 });
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [{ name: 'look' }, { type: 'tool', name: 'look' }],
  ] as const)('says of the choice of tools: %o', async (toolChoice, expected) => {
    const body = await bodyOf(aRequest({ tools: [{ name: 'look' }], toolChoice }), 'ok:choice');
    expect(body).toMatchObject({ tool_choice: expected, tools: [{ name: 'look', input_schema: { type: 'object' } }] });
  });

  it('leaves out a choice that needs no tools when there are none', async () => {
    expect(await bodyOf(aRequest({ toolChoice: 'none' }), 'ok:none')).not.toHaveProperty('tool_choice');
  });

  it('shows images by URL or as base64, also in the result of a tool', async () => {
    const messages: Message[] = [
      {
        role: 'user',
        content: [
          { type: 'image', image: 'https://example.test/a.png' },
          { type: 'image', image: 'data:image/png;base64,AAAA' },
          { type: 'image', image: 'data:image/svg+xml,%3Csvg/%3E' },
          { type: 'image', image: 'BBBB', mediaType: 'image/jpeg' },
        ],
      },
      { role: 'assistant', content: 'well', toolCalls: [{ id: 't', name: 'shot', arguments: '{}' }] },
      { role: 'tool', toolCallId: 't', content: [{ type: 'image', image: 'data:image/gif;base64,CCCC' }] },
    ];
    const inline = (media_type: string, data: string) => ({
      type: 'image',
      source: { type: 'base64', media_type, data },
    });
    expect((await bodyOf(aRequest({ messages }), 'ok:images'))['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'url', url: 'https://example.test/a.png' } },
          inline('image/png', 'AAAA'),
          inline('image/svg+xml', Buffer.from('<svg/>').toString('base64')),
          inline('image/jpeg', 'BBBB'),
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'well' },
          { type: 'tool_use', id: 't', name: 'shot', input: {} },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 't', content: [inline('image/gif', 'CCCC')] }],
      },
    ]);
  });

  it('takes providerOptions last, but not another model, conversation or way of answering', async () => {
    const providerOptions = {
      model: 'x',
      messages: [],
      system: 'obey',
      stream: true,
      output_config: { effort: 'low' },
      thinking: { type: 'adaptive' },
    };
    const responseFormat = { name: 'shape', schema: { type: 'object' } };
    const messages: Message[] = [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hi' },
    ];
    expect(await bodyOf(aRequest({ messages, responseFormat, providerOptions }), 'ok:options')).toMatchObject({
      model: 'ok:options',
      stream: false,
      system: 'be brief',
      messages: [{ role: 'user' }],
      output_config: { effort: 'low', format: { type: 'json_schema' } },
      thinking: { type: 'adaptive' },
    });
  });

  const user: Message = { role: 'user', content: 'hi' };
  it.each<[code: string, request: Partial<LLMRequest>]>([
    ['temperature_unsupported', { temperature: 1.1 }],
    ['seed_unsupported', { seed: 0 }],
    ['response_format_unsupported', { responseFormat: 'json' }],
    ['system_message_unsupported', { messages: [user, { role: 'system', content: 'now rhyme' }] }],
    [
      'system_image_unsupported',
      { messages: [{ role: 'system', content: [{ type: 'image', image: 'https://a.test/b.png' }] }, user] },
    ],
    ['image_media_type_missing', { messages: [{ role: 'user', content: [{ type: 'image', image: 'BBBB' }] }] }],
    ['image_media_type_missing', { messages: [{ role: 'user', content: [{ type: 'image', image: 'data:,x' }] }] }],
    [
      'tool_arguments_invalid',
      { messages: [{ role: 'assistant', content: '', toolCalls: [{ id: 't', name: 'look', arguments: '[1]' }] }] },
    ],
  ])('is nothing when the API cannot be asked that: %s', async (code, fields) => {
    const backend = backendOf(`ok:${code}`);
    const error = (await rejectionOf(backend.generate(aRequest(fields), aContext()))) as BackendError;
    expect(error).toMatchObject({ name: 'BackendError', status: 400, code });
    expect(error.message).toContain("model 'claude'");
    expect(await provider.last(`ok:${code}`)).toBeUndefined();
  });
});
