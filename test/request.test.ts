import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../src/backends/backend.ts';
import type { ChatRequest, GenerateOptions } from '../src/generate-options.ts';
import { acceptRequest, requestOf } from '../src/request.ts';
import { show } from '../src/request-fields.ts';
import { refused } from './support/refused.ts';

const SECRET = 'the-words-of-the-caller';
const hello: Message = { role: 'user', content: 'hello' };

const asked = (input: string | ChatRequest, options?: GenerateOptions) =>
  requestOf(acceptRequest(input, options).content);

/** For each field: what is accepted, and what is not. */
const GENERATION: Readonly<Record<string, { readonly right: readonly unknown[]; readonly wrong: readonly unknown[] }>> =
  {
    temperature: { right: [0, 0.7, 2], wrong: [-0.1, 2.1, Number.NaN, '1', null, 1n] },
    maxTokens: { right: [1, 100_000], wrong: [0, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 53, '5', null] },
    stop: { right: ['end', '', ['a', 'b'], []], wrong: [5, null, ['a', 5], [null], { 0: 'a' }] },
    seed: { right: [0, -5, 2 ** 53 - 1], wrong: [0.5, Number.NaN, 2 ** 53, '5', null] },
    tools: {
      right: [[], [{ name: 'f' }, { name: 'g', description: 'd', parameters: { type: 'object' } }]],
      wrong: ['f', null, { name: 'f' }, [{}], [{ name: 5 }], ['f'], [null]],
    },
    toolChoice: {
      right: ['auto', 'none', 'required', { name: 'f' }],
      wrong: ['any', '', null, {}, { name: 5 }, ['auto'], true],
    },
    responseFormat: {
      right: ['text', 'json', { name: 'n', schema: {} }],
      wrong: ['xml', null, {}, { name: 'n' }, { schema: {} }, { name: 'n', schema: [] }, { name: 5, schema: {} }],
    },
    metadata: { right: [{}, { user: 5 }], wrong: ['x', 5, null, [], true] },
    providerOptions: { right: [{}, { think: false }], wrong: ['x', 5, null, [], true] },
  };
const HANDLING: typeof GENERATION = {
  priority: { right: ['critical', 'high', 'normal', 'low'], wrong: ['urgent', 'HIGH', '', 0, null, 'constructor'] },
  model: { right: ['m', 'auto'], wrong: [5, null, {}, ['m']] },
  fallback: { right: [true, false], wrong: ['false', 0, null] },
  system: { right: ['be brief', ''], wrong: [5, null, ['be brief'], { role: 'system' }] },
  timeoutMs: { right: [1, 0.5, 2 ** 40], wrong: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1000', null] },
  totalTimeoutMs: { right: [1, 0.5, 2 ** 40], wrong: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1000', null] },
  signal: { right: [new AbortController().signal], wrong: [new AbortController(), {}, true, null, { aborted: false }] },
  tenant: { right: ['acme', ''], wrong: [5, null, {}] },
  replyTo: { right: [{ send: () => {} }], wrong: [{}, { send: true }, 'actor', null, () => {}] },
};
const ALL = { ...GENERATION, ...HANDLING };
const cases = (table: typeof GENERATION, kind: 'right' | 'wrong') =>
  Object.entries(table).flatMap(([field, values]) =>
    values[kind].map((value) => ({
      field,
      value,
      shown: inspect(value, { depth: 2, breakLength: Number.POSITIVE_INFINITY }),
    })),
  );

describe('an option of a request', () => {
  it.each(cases(ALL, 'right'))('takes $shown as $field', ({ field, value }) => {
    expect(() => acceptRequest('hi', { [field]: value })).not.toThrow();
  });

  it.each(cases(ALL, 'wrong'))('refuses $shown as $field, by name', ({ field, value }) => {
    const error = refused('hi', { [field]: value });
    expect(error).toMatchObject({ code: 'request_invalid', status: 400, field });
    expect(error.message).toMatch(new RegExp(`^${field}: given .+; accepted: .+`));
  });

  it.each(Object.keys(ALL))('may be undefined as %s, and is then not given', (field) => {
    expect(acceptRequest('hi', { [field]: undefined })).toEqual(acceptRequest('hi'));
    expect(acceptRequest('hi', { [field]: undefined }).content).toBe('hi');
  });

  it.each([
    ['temprature', 'temperature'],
    ['max_tokens', 'maxTokens'],
    ['timeout', 'timeoutMs'],
    ['Priority', 'priority'],
    ['signals', 'signal'],
    ['tool_choice', 'toolChoice'],
  ])('that is spelt %s is taken for a misspelt %s', (given, meant) => {
    const error = refused('hi', { [given]: 1 });
    expect(error.field).toBe(given);
    expect(error.message).toContain(`${given}: no such option; did you mean ${meant}? Accepted: `);
  });

  it.each(['constructor', 'toString', '__proto__', 'zzzzzzzzzzzz'])('that is called %s is unknown', (given) => {
    const error = refused('hi', JSON.parse(`{"${given}": 1}`));
    expect(error.field).toBe(given);
    expect(error.message).toMatch(/no such option/);
  });

  it('that nothing resembles is told what there is', () => {
    const { message } = refused('hi', { zzzzzzzzzzzz: 1 });
    expect(message).not.toContain('did you mean');
    for (const field of Object.keys(ALL)) expect(message).toContain(field);
  });
});

describe('a conversation', () => {
  it.each(cases(GENERATION, 'right'))('takes $shown as $field', ({ field, value }) => {
    expect(() => acceptRequest({ messages: [hello], [field]: value })).not.toThrow();
  });

  it.each(cases(GENERATION, 'wrong'))('refuses $shown as $field, by name', ({ field, value }) => {
    expect(refused({ messages: [hello], [field]: value })).toMatchObject({ code: 'request_invalid', field });
  });

  it.each(Object.keys(HANDLING))('does not take %s: that is how it is treated, not what is asked', (field) => {
    const error = refused({ messages: [hello], [field]: HANDLING[field]!.right[0] });
    expect(error).toMatchObject({ field });
    expect(error.message).toContain('no such option');
  });

  it.each<[string, unknown, string]>([
    ['is missing', {}, 'messages'],
    ['is empty', { messages: [] }, 'messages'],
    ['is a string', { messages: SECRET }, 'messages'],
    ['is null', { messages: null }, 'messages'],
    ['holds null', { messages: [hello, null] }, 'messages[1]'],
    ['holds a string', { messages: [SECRET] }, 'messages[0]'],
    ['has a message without a role', { messages: [{ content: SECRET }] }, 'messages[0].role'],
    ['has an unknown role', { messages: [hello, { role: 'bot', content: SECRET }] }, 'messages[1].role'],
    ['has a message without content', { messages: [{ role: 'user' }] }, 'messages[0].content'],
    ['has an object for content', { messages: [{ role: 'user', content: { text: SECRET } }] }, 'messages[0].content'],
    ['has a string for a part', { messages: [{ role: 'user', content: [SECRET] }] }, 'messages[0].content[0]'],
    [
      'has a part of an unknown type',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'audio', audio: SECRET },
            ],
          },
        ],
      },
      'messages[0].content[1]',
    ],
    [
      'has text that is none',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] },
      'messages[0].content[0]',
    ],
    [
      'has an image that is no string',
      { messages: [{ role: 'user', content: [{ type: 'image', image: new Uint8Array(3) }] }] },
      'messages[0].content[0]',
    ],
  ])('is refused when it %s, and the place is named', (_, input, field) => {
    const error = refused(input);
    expect(error).toMatchObject({ code: 'request_invalid', field });
    expect(error.message).toContain(`${field}: given`);
    expect(error.message).not.toContain(SECRET);
  });

  it.each<[string, readonly Message[]]>([
    [
      'every role',
      [
        { role: 'system', content: 's' },
        hello,
        { role: 'assistant', content: 'a' },
        { role: 'tool', content: 't', toolCallId: 'c' },
      ],
    ],
    [
      'parts',
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'image', image: 'aGk=', mediaType: 'image/png' },
          ],
        },
      ],
    ],
    ['tool calls', [hello, { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }] }]],
  ])('may hold %s', (_, messages) => {
    expect(asked({ messages }).messages).toEqual(messages);
  });
});

describe('what is neither a prompt nor a conversation', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'prompt'],
    ['null', null, 'prompt'],
    ['a number', 5, 'prompt'],
    ['an array', [hello], 'prompt'],
    ['an empty string', '', 'prompt'],
    ['a function', () => SECRET, 'prompt'],
  ])('is refused: %s', (_, input, field) => {
    expect(refused(input)).toMatchObject({ code: 'request_invalid', field });
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a string', SECRET],
    ['an array', [SECRET]],
    ['a number', 5],
  ])('is refused as options: %s', (_, options) => {
    const error = refused('hi', options);
    expect(error.field).toBe('options');
    expect(error.message).not.toContain(SECRET);
  });
});

describe('what an error says', () => {
  it.each<[string, unknown]>([
    ['stop', [SECRET, 5]],
    ['tools', [{ name: 5, description: SECRET }]],
    ['tools', SECRET],
    ['toolChoice', { name: 5, note: SECRET }],
    ['responseFormat', { name: SECRET }],
    ['responseFormat', SECRET],
    ['metadata', SECRET],
    ['metadata', [SECRET]],
    ['providerOptions', SECRET],
    ['system', [SECRET]],
    ['system', { text: SECRET }],
    ['model', { name: SECRET }],
    ['tenant', { name: SECRET }],
    ['signal', { reason: SECRET }],
    ['replyTo', { id: SECRET }],
  ])('is the type of a wrong %s, never its content', (field, value) => {
    const error = refused('hi', { [field]: value });
    expect(error.field).toBe(field);
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  });

  it('is no word of a message whose role and content were exchanged', () => {
    const error = refused({ messages: [{ role: SECRET, content: 'user' }] });
    expect(error.field).toBe('messages[0].role');
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  });

  it('is never a word of the prompt, whatever else is wrong', () => {
    const wrong = cases(ALL, 'wrong');
    fc.assert(
      fc.property(fc.constantFrom(...wrong), ({ field, value }) => {
        expect(inspect(refused(SECRET, { [field]: value }))).not.toContain(SECRET);
      }),
    );
  });

  it('is a text that is cut, a figure, or else a type', () => {
    expect(show('short')).toBe('"short"');
    expect(show('x'.repeat(41))).toBe(`"${'x'.repeat(40)}…"`);
    expect(show('x'.repeat(40))).toBe(`"${'x'.repeat(40)}"`);
    expect(show('a\n"b"')).toBe('"a\\n\\"b\\""');
    expect([
      show(5),
      show(false),
      show(null),
      show([1, 2]),
      show({ a: 1 }),
      show(undefined),
      show(Symbol('s')),
    ]).toEqual(['5', 'false', 'null', 'an array of 2', 'object', 'undefined', 'symbol']);
  });
});
