import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Message } from '../src/backends/backend.ts';
import type { ChatRequest, GenerateOptions } from '../src/generate-options.ts';
import { acceptRequest, requestOf } from '../src/request.ts';
import { refused } from './support/refused.ts';

const SECRET = 'the-words-of-the-caller';
const hello: Message = { role: 'user', content: 'hello' };

const asked = (input: string | ChatRequest, options?: GenerateOptions) =>
  requestOf(acceptRequest(input, options).content);

describe('an accepted request', () => {
  it('has the defaults where nothing is said', () => {
    expect(acceptRequest('hi')).toEqual({
      content: 'hi',
      priority: 'normal',
      model: undefined,
      fallback: undefined,
      timeoutMs: undefined,
      totalTimeoutMs: undefined,
      signal: undefined,
      tenant: undefined,
      replyTo: undefined,
    });
  });

  it('carries how it is treated as it was given, and none of it to the backend', () => {
    const { signal } = new AbortController();
    const options = {
      priority: 'high',
      model: 'm',
      fallback: false,
      timeoutMs: 5,
      totalTimeoutMs: 9,
      signal,
      tenant: 't',
    } as const;
    expect(acceptRequest('hi', options)).toMatchObject({ ...options, content: 'hi' });
    expect(Object.keys(asked('hi', { ...options, seed: 1 })).sort()).toEqual(['messages', 'prompt', 'seed']);
  });

  it('asks a bare prompt as the user’s one message', () => {
    expect(asked('hi')).toEqual({ prompt: 'hi', messages: [{ role: 'user', content: 'hi' }] });
  });

  it('puts the system message first, before one of the conversation’s own', () => {
    expect(asked('hi', { system: 'be brief' }).messages).toEqual([
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hi' },
    ]);
    const own = { role: 'system', content: 'own' } as const;
    expect(asked({ messages: [own, hello] }, { system: 'be brief' }).messages).toEqual([
      { role: 'system', content: 'be brief' },
      own,
      hello,
    ]);
  });

  it('makes a list of one stop word', () => {
    expect(asked('hi', { stop: 'end' }).stop).toEqual(['end']);
    expect(asked('hi', { stop: ['a', 'b'] }).stop).toEqual(['a', 'b']);
    expect(asked({ messages: [hello], stop: 'end' }).stop).toEqual(['end']);
    expect(asked('hi', { stop: '' }).stop).toEqual(['']);
  });

  it('takes an option before the conversation’s own word, and the latter when the option is undefined', () => {
    const chat = { messages: [hello], temperature: 0.1, seed: 1 };
    expect(asked(chat, { temperature: 0, seed: undefined })).toMatchObject({ temperature: 0, seed: 1 });
  });

  it('has the text of the last user message for its prompt', () => {
    const messages: Message[] = [
      hello,
      {
        role: 'user',
        content: [
          { type: 'text', text: 'one' },
          { type: 'image', image: 'aGk=' },
          { type: 'text', text: 'two' },
        ],
      },
      { role: 'assistant', content: 'no' },
    ];
    expect(asked({ messages }).prompt).toBe('one\ntwo');
    expect(asked({ messages: [{ role: 'assistant', content: 'no' }] }).prompt).toBe('');
  });
});

describe('what its caller changes afterwards', () => {
  it('does not reach the messages', () => {
    const part = { type: 'text' as const, text: 'before' };
    const messages = [{ role: 'user' as const, content: [part] }];
    const request = asked({ messages });
    part.text = 'after';
    messages.push({ role: 'user', content: [] });
    expect(request.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'before' }] }]);
  });

  it.each<[string, object, (value: never) => void]>([
    ['stop', ['a'], (value: string[]) => void value.push('b')],
    [
      'tools',
      [{ name: 'f', parameters: { a: 1 } }],
      (value: { parameters: { a: number } }[]) => Object.assign(value[0]!.parameters, { a: 2 }),
    ],
    ['toolChoice', { name: 'f' }, (value: { name: string }) => Object.assign(value, { name: 'g' })],
    [
      'responseFormat',
      { name: 'n', schema: { a: 1 } },
      (value: { schema: { a: number } }) => Object.assign(value.schema, { a: 2 }),
    ],
    ['metadata', { a: { b: 1 } }, (value: { a: { b: number } }) => Object.assign(value.a, { b: 2 })],
    ['providerOptions', { a: { b: 1 } }, (value: { a: { b: number } }) => Object.assign(value.a, { b: 2 })],
  ])('does not reach %s', (field, value, change) => {
    const before = structuredClone(value);
    const fromOptions = asked('hi', { [field]: value });
    const fromChat = asked({ messages: [hello], [field]: value });
    change(value as never);
    expect(fromOptions).toMatchObject({ [field]: before });
    expect(fromChat).toMatchObject({ [field]: before });
  });

  it('and what a backend changes does not reach its caller', () => {
    const metadata = { a: { b: 1 } };
    (asked('hi', { metadata }).metadata as typeof metadata).a.b = 2;
    expect(metadata).toEqual({ a: { b: 1 } });
  });
});

describe('what cannot be copied', () => {
  it.each<[string, string, unknown]>([
    ['a function in metadata', 'metadata', { log: () => SECRET }],
    ['a symbol in metadata', 'metadata', { kind: Symbol(SECRET) }],
    ['a promise in provider options', 'providerOptions', { later: Promise.resolve(SECRET) }],
    ['a function among the tools', 'tools', [{ name: 'f', run: () => SECRET }]],
    ['a weak map in a schema', 'responseFormat', { name: 'n', schema: { map: new WeakMap() } }],
  ])('is refused: %s', (_, field, value) => {
    const error = refused('hi', { [field]: value });
    expect(error).toMatchObject({ code: 'request_invalid', field });
    expect(error.message).toContain('cannot be copied');
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  });

  it('is refused in a message', () => {
    const error = refused({ messages: [{ ...hello, meta: () => SECRET }] });
    expect(error.field).toBe('messages');
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  });

  it.each<[string, unknown]>([
    ['an error', new Error(SECRET)],
    ['null', null],
    ['undefined', undefined],
    ['a string', SECRET],
  ])('is refused when reading it throws %s', (_, thrown) => {
    const metadata = {
      get field() {
        throw thrown;
      },
    };
    const error = refused('hi', { metadata });
    expect(error.field).toBe('metadata');
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  });
});
