import { describe, expect, it } from 'vitest';
import type { LLMRequest } from '../../src/backends/backend.ts';
import { type NotStoredReason, notCacheable, notStorable, type Served } from '../../src/cache/cacheable.ts';
import type { GenerateOptions } from '../../src/generate-options.ts';
import { acceptRequest } from '../../src/request.ts';

const asked = (options: GenerateOptions): LLMRequest | string => acceptRequest('hi', options).content;

describe('a request', () => {
  it.each<[string, GenerateOptions, number]>([
    ['at 0', { temperature: 0 }, 0.3],
    ['at the highest that is allowed', { temperature: 0.3 }, 0.3],
    ['at 0 where nothing above is allowed', { temperature: 0 }, 0],
    ['without a temperature where 1 is allowed', {}, 1],
    ['whose only temperature is among the provider’s options', { providerOptions: { temperature: 0 } }, 0.3],
    ['whose only temperature is among Ollama’s options', { providerOptions: { options: { temperature: 0 } } }, 0.3],
  ])('is cacheable %s', (_, options, maxTemperature) => {
    expect(notCacheable(asked(options), 'use', { maxTemperature })).toBeNull();
  });

  it.each<[string, GenerateOptions, number, string]>([
    ['without a temperature', {}, 0.3, 'temperature_unset'],
    ['without a temperature, with a system text', { system: 's' }, 0.99, 'temperature_unset'],
    ['above the highest', { temperature: 0.31 }, 0.3, 'temperature_high'],
    [
      'that the provider’s options make higher',
      { temperature: 0, providerOptions: { temperature: 1 } },
      0.3,
      'temperature_high',
    ],
    [
      'that Ollama’s options make higher',
      { temperature: 0, providerOptions: { options: { temperature: 0.5 } } },
      0.3,
      'temperature_high',
    ],
    [
      'whose provider’s options take the temperature away',
      { temperature: 0, providerOptions: { temperature: null } },
      0.3,
      'temperature_high',
    ],
  ])('is not cacheable %s', (_, options, maxTemperature, reason) => {
    expect(notCacheable(asked(options), 'use', { maxTemperature })).toBe(reason);
  });

  it('is cacheable in every mode but bypass', () => {
    const modes = (['use', 'refresh', 'only', 'bypass'] as const).map((mode) =>
      notCacheable(asked({ temperature: 0 }), mode, { maxTemperature: 0.3 }),
    );
    expect(modes).toEqual([null, null, null, 'bypassed']);
  });
});

describe('an answer', () => {
  const served: Served = {
    response: { content: 'an answer' },
    byFallback: false,
    wasAborted: false,
    wasRestarted: false,
  };
  const call = { id: '1', name: 'look', arguments: '{}' };

  it.each<[string, Partial<Served>, boolean]>([
    ['by a target', {}, false],
    ['that has ended of itself', { response: { content: 'a', success: true, finishReason: 'stop' } }, false],
    ['that calls a tool', { response: { content: '', finishReason: 'tool_calls', toolCalls: [call] } }, false],
    ['with text and a tool call', { response: { content: 'a', finishReason: 'stop', toolCalls: [call] } }, false],
    ['whose provider gave null for how it ended', { response: { content: 'a', finishReason: null as never } }, false],
    ['by a fallback where those are stored', { byFallback: true }, true],
  ])('is storable %s', (_, more, cacheFallbacks) => {
    expect(notStorable({ ...served, ...more }, { cacheFallbacks })).toBeNull();
  });

  it.each<[string, Partial<Served>, NotStoredReason]>([
    ['whose caller has left', { wasAborted: true }, 'aborted'],
    ['that is a failure', { response: { content: 'a', success: false } }, 'failed'],
    ['whose stream began again', { wasRestarted: true }, 'restarted'],
    ['by a fallback', { byFallback: true }, 'fallback'],
    ['that was cut at its length', { response: { content: 'a', finishReason: 'length' } }, 'truncated'],
    [
      'that was cut amid a tool call',
      { response: { content: '', finishReason: 'length', toolCalls: [call] } },
      'truncated',
    ],
    ['that a filter stopped', { response: { content: 'a', finishReason: 'content_filter' } }, 'content_filtered'],
    [
      'that ended in a word of the provider’s own',
      { response: { content: 'a', finishReason: 'pause_turn' } },
      'end_unclear',
    ],
    ['without a word', { response: { content: '' } }, 'empty'],
    ['of whitespace', { response: { content: ' \n', finishReason: 'stop' } }, 'empty'],
    [
      'with an empty list of tool calls',
      { response: { content: '', finishReason: 'tool_calls', toolCalls: [] } },
      'empty',
    ],
  ])('is not storable %s', (_, more, reason) => {
    expect(notStorable({ ...served, ...more }, { cacheFallbacks: false })).toBe(reason);
  });

  it('by a fallback has to be whole too, where those are stored', () => {
    const response = { content: 'a', finishReason: 'length' };
    expect(notStorable({ ...served, response, byFallback: true }, { cacheFallbacks: true })).toBe('truncated');
  });
});
