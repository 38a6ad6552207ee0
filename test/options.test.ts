import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigurationError } from '../src/errors.ts';
import { nearest } from '../src/nearest.ts';
import { isSecretLike, parseOptions } from '../src/options.ts';

const schema = z.strictObject({
  model: z.string().min(1).describe('the name of a model'),
  numThread: z.int().min(1).describe('an integer of 1 or more').optional(),
  maxTokens: z.int().min(1).describe('an integer of 1 or more').optional(),
  rate: z.number().min(0).max(1).describe('a number from 0 to 1').default(0),
  apiKey: z.string().regex(/^\S+$/).describe('a string without blanks').optional(),
  baseUrl: z
    .string()
    .refine((value) => value.startsWith('http'))
    .describe('an http URL')
    .optional(),
  headers: z.record(z.string(), z.string()).describe('an object of texts').optional(),
  latency: z
    .union([z.number(), z.strictObject({ min: z.number(), max: z.number() })])
    .describe('a number or { min, max }')
    .optional(),
  nested: z.strictObject({ depth: z.int().describe('an integer'), plain: z.number().optional() }).optional(),
  list: z.array(z.string().describe('a word')).optional(),
});

function refused(value: unknown): ConfigurationError {
  try {
    parseOptions(schema, value, "addModel('gpu-fast')");
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return error as ConfigurationError;
  }
  throw new Error('the options were accepted');
}

describe('options', () => {
  it('come back with their defaults', () => {
    expect(parseOptions(schema, { model: 'm' }, 'here')).toEqual({ model: 'm', rate: 0 });
  });

  it('are refused by name, with what was given and what is accepted', () => {
    const error = refused({ model: 'm', numThread: 0 });
    expect(error.option).toBe('numThread');
    expect(error.code).toBe('configuration_invalid');
    expect(error.message).toBe("addModel('gpu-fast').numThread: given 0; accepted: an integer of 1 or more");
  });

  it.each([
    ['nothing', {}, 'model: given nothing; accepted: the name of a model'],
    ['a text', { model: 'm', rate: 'much' }, 'rate: given "much"; accepted: a number from 0 to 1'],
    [
      'a long text, cut',
      { model: 'm', rate: 'x'.repeat(200) },
      `rate: given "${'x'.repeat(60)}…"; accepted: a number from 0 to 1`,
    ],
    ['NaN', { model: 'm', rate: Number.NaN }, 'rate: given NaN; accepted: a number from 0 to 1'],
    ['null', { model: null }, 'model: given null; accepted: the name of a model'],
    ['an array', { model: ['a', 'b'] }, 'model: given an array of 2; accepted: the name of a model'],
    [
      'an object, without its content',
      { model: { secret: 'x' } },
      'model: given an object; accepted: the name of a model',
    ],
    ['a function', { model: () => 1 }, 'model: given a function; accepted: the name of a model'],
    [
      'a wrong form of a union',
      { model: 'm', latency: { min: 1 } },
      'latency: given an object; accepted: a number or { min, max }',
    ],
    [
      'an option inside another',
      { model: 'm', nested: { depth: 1.5 } },
      'nested.depth: given 1.5; accepted: an integer',
    ],
    ['an element of a list', { model: 'm', list: ['a', 3] }, 'list.1: given 3; accepted: a word'],
  ])('are described: %s', (_what, value, expected) => {
    expect(refused(value).message).toBe(`addModel('gpu-fast').${expected}`);
  });

  it('falls back to the words of zod where an option has no description', () => {
    expect(refused({ model: 'm', nested: { depth: 1, plain: 'x' } }).message).toContain('expected number');
  });

  it('suggests the nearest spelling of an unknown option and lists the known ones', () => {
    const error = refused({ model: 'm', num_thread: 4 });
    expect(error.option).toBe('num_thread');
    expect(error.message).toContain(
      "addModel('gpu-fast').num_thread: no such option; did you mean numThread? accepted: model, numThread,",
    );
    expect(refused({ model: 'm', nested: { dept: 1, depth: 1 } }).message).toContain(
      'nested.dept: no such option; did you mean depth?',
    );
    expect(refused({ model: 'm', quux: 1 }).message).toContain('quux: no such option; accepted:');
  });

  it('report every mistake at once', () => {
    const error = refused({ numThread: 0, zzz: 1 });
    expect(error.option).toBe('model');
    for (const option of ['model', 'numThread', 'zzz']) expect(error.message).toContain(`.${option}: `);
  });

  it('never show a key, a header or the credentials in a URL', () => {
    const secret = 'sk-very-secret';
    const messages = [
      refused({ model: 'm', apiKey: `${secret} \n` }).message,
      refused({ model: 'm', apikey: secret }).message,
      refused({ model: 'm', headers: { authorization: secret, other: 3 } }).message,
      refused({ model: 'm', headers: secret }).message,
      refused({ model: 'm', baseUrl: `ftp://user:${secret}@host/x?key=${secret}` }).message,
    ];
    for (const message of messages) expect(message).not.toContain(secret);
    expect(messages[0]).toContain('apiKey: given a string; accepted: a string without blanks');
    expect(messages[1]).toContain('did you mean apiKey?');
    expect(messages[4]).toContain('ftp://[redacted]@host/x');
  });

  it('never show a key that is a number, but the number of an option for one', () => {
    for (const given of [938475610293, 938475610293n]) {
      const options = { model: 'm', apiKey: given, headers: { other: given } };
      expect(refused(options).message).toBe(
        `addModel('gpu-fast').apiKey: given a ${typeof given}; accepted: a string without blanks; ` +
          `addModel('gpu-fast').headers.other: given a ${typeof given}; accepted: an object of texts`,
      );
      expect(refused({ model: 'm', headers: given }).message).toContain(`headers: given a ${typeof given}; accepted`);
    }
    expect(refused({ model: 'm', maxTokens: 0 }).message).toContain('maxTokens: given 0; accepted: an integer');
    expect(refused({ model: 'm', maxTokens: 1.5 }).message).toContain('maxTokens: given 1.5; accepted: an integer');
    expect(refused({ model: 'm', apiKey: true }).message).toContain('apiKey: given true; accepted: a string');
  });

  it.each([undefined, null, 7, 'text', []])('are refused as a whole when they are no object: %s', (value) => {
    const error = refused(value);
    expect(error.option).toBe('options');
    expect(error.message).toMatch(/^addModel\('gpu-fast'\): given .*; accepted: an object$/);
  });
});

describe('what looks like a key', () => {
  it.each([
    'sk-short',
    'Bearer short',
    'apiKey:sk-short',
    'apiKey: gsk_short',
    'key=ghp_short',
    'Authorization: Basic short',
    'at AKIA',
    'a run_of_letters_and_digit_1',
  ])('does: %s', (text) => {
    expect(isSecretLike(text)).toBe(true);
  });

  it.each([
    'gpt-4o',
    'llama3:8b',
    'ollama:task-force',
    'risk-model',
    'a:',
    'Visual Basic 6',
    'team=disk_usage',
  ])('does not: %s', (text) => {
    expect(isSecretLike(text)).toBe(false);
  });
});

describe('the nearest spelling', () => {
  it.each([
    ['ollma', 'ollama'],
    ['Open-AI', 'openai'],
    ['SIMULATED', 'simulated'],
    ['oepnai', 'openai'],
    ['simulatd ', 'simulated'],
  ])('of %s is %s', (given, expected) => {
    expect(nearest(given, ['ollama', 'openai', 'simulated'])).toBe(expected);
  });

  it.each(['', 'x', 'anthropic', 'zz'])('of %s is nothing', (given) => {
    expect(nearest(given, ['ollama', 'openai', 'simulated', 'ab'])).toBeUndefined();
  });
});
