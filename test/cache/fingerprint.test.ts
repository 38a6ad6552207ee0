import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LLMRequest, Message } from '../../src/backends/backend.ts';
import { type Fingerprint, fingerprint, type Origin } from '../../src/cache/fingerprint.ts';
import type { ChatRequest, GenerateOptions } from '../../src/generate-options.ts';
import { acceptRequest } from '../../src/request.ts';

const NOBODY: Origin = { tenant: null, target: null, embedderId: null, cacheScope: null };

/** As the router would see it. */
function taken(
  input: string | ChatRequest,
  options: GenerateOptions = {},
  origin: Partial<Origin> = {},
  scopeByRoute = true,
) {
  const print = fingerprint(acceptRequest(input, options).content, { ...NOBODY, ...origin }, { scopeByRoute });
  expect(print).not.toBeNull();
  return print as Fingerprint;
}

const user = (content: Message['content']): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });
const text = (words: string) => ({ type: 'text', text: words }) as const;
const image = { type: 'image', image: 'https://example.com/a.png' } as const;
const tool = { name: 'look', parameters: { type: 'object', properties: { a: {}, b: {} } } };
const chat = (...messages: Message[]): ChatRequest => ({ messages });

describe('the key', () => {
  it('is SHA-256 in base64url, the same in every process and every release', () => {
    const origin = { tenant: 't', target: 'rule', embedderId: 'e', cacheScope: 'c' };
    const print = taken('Why is the sky blue? 空', { system: 'Be brief.', temperature: 0 }, origin);
    expect(print).toEqual({
      key: 'x9fRWcO85yNDreVhY0XNSu4BHjXZv_47JQsis9eVgT0',
      scope: 'iSgBnOKptEfnBEV1K9ZvNhI8P9YJnKY5mMxYzV1BntE',
      text: 'Why is the sky blue? 空',
    });
  });

  it.each<[string, Fingerprint, Fingerprint]>([
    ['a prompt and the message that says it', taken('hi'), taken(chat(user('hi')))],
    ['a text and a lone part that says it', taken('hi'), taken(chat(user([text('hi')])))],
    [
      'a system text and the system message that says it',
      taken('hi', { system: 's' }),
      taken(chat({ role: 'system', content: 's' }, user('hi'))),
    ],
    [
      'options and the same in the request',
      taken(chat(user('hi')), { temperature: 0, seed: 1 }),
      taken({ ...chat(user('hi')), seed: 1, temperature: 0 }),
    ],
    ['one stop and a list of it', taken('hi', { stop: 'x' }), taken('hi', { stop: ['x'] })],
    ['undefined and absent', taken('hi', { temperature: undefined }), taken('hi')],
    [
      'undefined and absent in a part',
      taken(chat(user([{ ...text('hi'), mediaType: undefined } as never]))),
      taken(chat(user([text('hi')]))),
    ],
    [
      'keys in another order',
      taken('hi', { providerOptions: { a: 1, b: { c: 2, d: 3 } } }),
      taken('hi', { providerOptions: { b: { d: 3, c: 2 }, a: 1 } }),
    ],
    [
      'what is only about how it is treated',
      taken('hi', { metadata: { a: 1 }, priority: 'high', timeoutMs: 5, signal: new AbortController().signal }),
      taken('hi'),
    ],
    [
      'routes, when they share one cache',
      taken('hi', {}, { target: 'a' }, false),
      taken('hi', {}, { target: 'b' }, false),
    ],
  ])('is the same for %s', (_, one, other) => {
    expect(one).toEqual(other);
  });

  const others: [string, Fingerprint][] = [
    ['a space', taken('hi ')],
    ['a capital', taken('Hi')],
    ['a tenant', taken('hi', {}, { tenant: 't' })],
    ['an empty tenant', taken('hi', {}, { tenant: '' })],
    ['a target', taken('hi', {}, { target: 't' })],
    ['a cacheScope', taken('hi', {}, { cacheScope: 't' })],
    ['a tenant in a shared cache', taken('hi', {}, { tenant: 'u' }, false)],
    ['a cacheScope in a shared cache', taken('hi', {}, { cacheScope: 'u' }, false)],
    ['a system text', taken('hi', { system: 's' })],
    ['the role', taken(chat(assistant('hi')))],
    ['a name', taken(chat({ ...user('hi'), name: 'n' } as Message))],
    ['an earlier turn', taken(chat(user('a'), assistant('b'), user('hi')))],
    ['earlier turns cut elsewhere', taken(chat(user('ab'), assistant(''), user('hi')))],
    ['two parts', taken(chat(user([text('h'), text('i')])))],
    ['a part with more to it', taken(chat(user([{ ...text('hi'), cache_control: {} } as never])))],
    ['an image', taken(chat(user([text('hi'), image])))],
    ['another image', taken(chat(user([text('hi'), { ...image, image: 'https://example.com/b.png' }])))],
    [
      'a tool call',
      taken(chat(user('hi'), { ...assistant(''), toolCalls: [{ id: '1', name: 'look', arguments: '' }] })),
    ],
    ['a temperature', taken('hi', { temperature: 0 })],
    ['another temperature', taken('hi', { temperature: 0.1 })],
    ['maxTokens', taken('hi', { maxTokens: 1 })],
    ['a stop', taken('hi', { stop: ['x'] })],
    ['a seed', taken('hi', { seed: 1 })],
    ['responseFormat', taken('hi', { responseFormat: 'json' })],
    ['a tool', taken('hi', { tools: [tool] })],
    ['a tool with its properties in another order', taken('hi', { tools: [{ ...tool, parameters: {} }] })],
    ['toolChoice', taken('hi', { toolChoice: 'none' })],
    ['providerOptions', taken('hi', { providerOptions: { top_p: 0.5 } })],
  ];

  it.each(others)('is another one with %s', (_, print) => {
    expect(print.key).not.toBe(taken('hi').key);
  });

  it('is another one for each of these', () => {
    expect(new Set(others.map(([, { key }]) => key)).size).toBe(others.length);
  });

  it('does not depend on the embedder', () => {
    expect(taken('hi', {}, { embedderId: 'a' }).key).toBe(taken('hi').key);
  });

  const word = fc
    .array(fc.constantFrom('a', 'é', '漢', '\ud83d', '\ude00', '\ufffd', '\0', '"'), { maxLength: 3 })
    .map((units) => units.join(''));
  const content = fc.oneof(word, fc.array(word.map(text), { minLength: 1, maxLength: 2 }));
  const message = fc.record({ role: fc.constantFrom<Message['role']>('user', 'system', 'assistant'), content });
  const request = fc.record(
    {
      messages: fc.array(message, { minLength: 1, maxLength: 3 }),
      temperature: fc.constantFrom(0, 1),
      stop: fc.array(word, { maxLength: 2 }),
      providerOptions: fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(word, fc.constantFrom(0, 1, null)), {
        noNullPrototype: true,
      }),
    },
    { requiredKeys: ['messages'] },
  );
  const absent = fc.constantFrom(null, 'a', 'b');
  const origin = fc.record({ tenant: absent, target: absent, embedderId: absent, cacheScope: absent });
  /** What they ask for, said in one way. */
  const meant = (asked: object, messages: readonly Message[], from: Origin) => ({
    ...asked,
    messages: messages.map((one) => ({
      ...one,
      content:
        typeof one.content !== 'string' && one.content.length === 1
          ? (one.content[0] as { text: string }).text
          : one.content,
    })),
    from: { ...from, embedderId: null },
  });

  it('is the same for two requests if and only if they ask the same', () => {
    const same = fc.tuple(request, origin).map((one) => [one, structuredClone(one)] as const);
    const any = fc.tuple(fc.tuple(request, origin), fc.tuple(request, origin));
    fc.assert(
      fc.property(fc.oneof(any, same), ([[one, oneFrom], [other, otherFrom]]) => {
        const [{ key }, { key: otherKey }] = [
          fingerprint({ prompt: '', ...one } as LLMRequest, oneFrom, { scopeByRoute: true })!,
          fingerprint({ prompt: '', ...other } as LLMRequest, otherFrom, { scopeByRoute: true })!,
        ];
        const isSame = isDeepStrictEqual(meant(one, one.messages, oneFrom), meant(other, other.messages, otherFrom));
        expect(key === otherKey).toBe(isSame);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is another one for every other prompt, halves of pairs included', () => {
    const keys = new Map<string, string>();
    fc.assert(
      fc.property(word, (prompt) => {
        const { key } = fingerprint(prompt, NOBODY, { scopeByRoute: true })!;
        expect(keys.get(key) ?? prompt).toBe(prompt);
        keys.set(key, prompt);
      }),
      { numRuns: 5_000 },
    );
    expect(keys.size).toBeGreaterThan(400);
  });
});

describe('the scope', () => {
  const base = taken('hi', { system: 's', temperature: 0 }, { embedderId: 'e' });

  it('is the same whatever the final user text is', () => {
    const other = taken('something else', { system: 's', temperature: 0 }, { embedderId: 'e' });
    expect(other.scope).toBe(base.scope);
    expect(other.key).not.toBe(base.key);
    expect(base.scope).not.toBe(base.key);
  });

  it('is the same for a prompt and a conversation that consists of it', () => {
    expect(taken('a').scope).toBe(taken(chat(user([text('b')]))).scope);
  });

  it.each<[string, Fingerprint]>([
    ['the system text', taken('hi', { system: 'S', temperature: 0 }, { embedderId: 'e' })],
    ['a parameter', taken('hi', { system: 's', temperature: 0, seed: 1 }, { embedderId: 'e' })],
    ['the response format', taken('hi', { system: 's', temperature: 0, responseFormat: 'json' }, { embedderId: 'e' })],
    ['the embedder', taken('hi', { system: 's', temperature: 0 }, { embedderId: 'f' })],
    ['the tenant', taken('hi', { system: 's', temperature: 0 }, { embedderId: 'e', tenant: 't' })],
    ['the target', taken('hi', { system: 's', temperature: 0 }, { embedderId: 'e', target: 't' })],
    ['the cacheScope', taken('hi', { system: 's', temperature: 0 }, { embedderId: 'e', cacheScope: 't' })],
    [
      'an earlier turn',
      taken(chat(user('a'), assistant('b'), user('hi')), { system: 's', temperature: 0 }, { embedderId: 'e' }),
    ],
    ['who speaks last', taken(chat(assistant('hi')), { system: 's', temperature: 0 }, { embedderId: 'e' })],
  ])('is another one with %s', (_, { scope }) => {
    expect(scope).not.toBe(base.scope);
  });

  it('keeps tenants apart even where routes share one cache', () => {
    expect(taken('hi', {}, { tenant: 'a' }, false).scope).not.toBe(taken('hi', {}, { tenant: 'b' }, false).scope);
    expect(taken('hi', {}, { target: 'a' }, false).scope).toBe(taken('hi', {}, { target: 'b' }, false).scope);
  });
});

describe('the text', () => {
  it.each<[string, string, Fingerprint]>([
    ['a prompt', ' Hi  there', taken(' Hi  there')],
    ['a lone part', 'hi', taken(chat(user([text('hi')])))],
    ['the last message of a conversation', 'c', taken(chat(user('a'), assistant('b'), user('c')))],
    ['a request with a system text', 'hi', taken('hi', { system: 's' })],
    ['a request for JSON', 'hi', taken('hi', { responseFormat: 'json' })],
    ['a request for one answer', 'hi', taken('hi', { providerOptions: { n: 1 } })],
    ['a request with an empty list of tools', 'hi', taken('hi', { tools: [] })],
    ['a message with tool calls that are null', 'hi', taken(chat({ ...user('hi'), toolCalls: null } as never))],
  ])('is there for %s', (_, words, print) => {
    expect(print.text).toBe(words);
  });

  it.each<[string, Fingerprint]>([
    ['whitespace', taken(' \n\t\u3000')],
    ['a last message that is not the user’s', taken(chat(user('a'), assistant('b')))],
    ['a system text alone', taken(chat({ role: 'system', content: 'a' }))],
    ['two parts', taken(chat(user([text('a'), text('b')])))],
    ['no part', taken(chat(user([])))],
    ['a lone image', taken(chat(user([image])))],
    ['an image', taken(chat(user([text('a'), image])))],
    ['an image in an earlier turn', taken(chat(user([image]), assistant('b'), user('c')))],
    ['tools', taken('a', { tools: [tool] })],
    ['a choice of tools', taken('a', { toolChoice: 'none' })],
    ['tools among the provider’s options', taken('a', { providerOptions: { tools: [{}] } })],
    [
      'an earlier tool call',
      taken(chat({ ...assistant(''), toolCalls: [{ id: '1', name: 'x', arguments: '' }] }, user('c'))),
    ],
    ['an earlier answer of a tool', taken(chat({ role: 'tool', content: 'a', toolCallId: '1' }, user('c')))],
    ['a wish for several answers', taken('a', { providerOptions: { n: 2 } })],
  ])('is null with %s', (_, print) => {
    expect(print.text).toBeNull();
    expect(print.key).toHaveLength(43);
  });
});

it('is none for a request that holds what cannot be told apart', () => {
  for (const value of [new Map(), new Date(0), 1n]) {
    const { content } = acceptRequest('hi', { providerOptions: { value } });
    expect(fingerprint(content, NOBODY, { scopeByRoute: true })).toBeNull();
  }
});
