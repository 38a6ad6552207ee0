import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { createBackend, registerBackend } from '../../src/backends/registry.ts';
import { ConfigurationError } from '../../src/errors.ts';
import { expectNoSecret } from '../support/leaks.ts';

const backend: Backend = { generate: async () => ({ content: 'mine' }) };

function refused(action: () => unknown): ConfigurationError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return error as ConfigurationError;
  }
  throw new Error('nothing was refused');
}

describe('the registry of providers', () => {
  it.each([
    ['anthropic', { model: 'claude-sonnet-4-5' }],
    ['azure-openai', { model: 'my-deployment', baseUrl: 'https://my-resource.openai.azure.com' }],
    ['ollama', { model: 'llama3.2' }],
    ['openai', { model: 'gpt-4o-mini' }],
    ['simulated', {}],
  ])('knows %s from the start', async (provider, options) => {
    const made = createBackend(provider, { name: 'a', ...options });
    expect(made.generate).toBeTypeOf('function');
    expect(made.stream).toBeTypeOf('function');
    expect(made.healthCheck).toBeTypeOf('function');
    await made.close?.();
  });

  it('hands the name and every option of a model to the factory that was registered', () => {
    registerBackend('mine', (options) => {
      expect(options).toEqual({ name: 'fast', depth: 3 });
      return backend;
    });
    expect(createBackend('mine', { name: 'fast', depth: 3 })).toBe(backend);
  });

  it('lets a registration replace an earlier one', () => {
    registerBackend('twice', () => backend);
    const second: Backend = { generate: async () => ({ content: 'second' }) };
    registerBackend('twice', () => second);
    expect(createBackend('twice', { name: 'a' })).toBe(second);
  });

  it('lets a built-in provider be replaced', async () => {
    const { SimulatedBackend } = await import('../../src/backends/simulated.ts');
    registerBackend('simulated', () => backend);
    expect(createBackend('simulated', { name: 'a' })).toBe(backend);
    registerBackend('simulated', (options) => new SimulatedBackend(options));
  });

  it('refuses an unknown provider, naming the known ones and the nearest', () => {
    const error = refused(() => createBackend('olama', { name: 'gpu-fast' }));
    expect(error.option).toBe('provider');
    expect(error.message).toContain("addModel('gpu-fast').provider: no such provider 'olama'; did you mean ollama?");
    expect(error.message).toMatch(/accepted: anthropic, azure-openai, ollama, openai, simulated/);
    expect(refused(() => createBackend('constructor', { name: 'a' })).message).toContain('no such provider');
  });

  it.each([
    '',
    ' ',
    '1st',
    'two words',
    'a/b',
    '../x',
    'x'.repeat(65),
    undefined,
    3,
    {},
  ])('refuses %s for a name', (name) => {
    expect(refused(() => registerBackend(name as string, () => backend)).option).toBe('name');
  });

  it('refuses a factory that is no function, and one that makes no backend', () => {
    expect(refused(() => registerBackend('odd', backend as never)).option).toBe('factory');
    registerBackend('empty', () => ({}) as Backend);
    expect(refused(() => createBackend('empty', { name: 'a' })).message).toContain('an object with a generate method');
  });
});

describe('the options of the built-in providers', () => {
  it.each([
    ['ollama', {}, 'model'],
    ['ollama', { model: 'm', baseUrl: 'localhost:11434' }, 'baseUrl'],
    ['ollama', { model: 'm', baseUrl: 'http://me:secret@host' }, 'baseUrl'],
    ['ollama', { model: 'm', numGpu: -1 }, 'numGpu'],
    ['ollama', { model: 'm', numThread: 1.5 }, 'numThread'],
    ['ollama', { model: 'm', keepAlive: true }, 'keepAlive'],
    ['ollama', { model: 'm', options: 'none' }, 'options'],
    ['ollama', { model: 'm', apiKey: 'sk-secret' }, 'apiKey'],
    ['ollama', { model: 'm', headers: { 'x y': 'z' } }, 'headers.x y'],
    ['ollama', { model: 'm', headers: { 'Content-Length': '3' } }, 'headers.Content-Length'],
    ['ollama', { model: 'm', api: 'completion' }, 'api'],
    ['anthropic', {}, 'model'],
    ['anthropic', { model: 'm', apiKey: 'sk-secret\n' }, 'apiKey'],
    ['anthropic', { model: 'm', maxTokens: 0 }, 'maxTokens'],
    ['anthropic', { model: 'm', version: '' }, 'version'],
    ['anthropic', { model: 'm', beta: 'one, two' }, 'beta'],
    ['anthropic', { model: 'm', organization: 'o' }, 'organization'],
    ['azure-openai', { baseUrl: 'https://a.openai.azure.com' }, 'model'],
    ['azure-openai', { model: 'm' }, 'baseUrl'],
    ['azure-openai', { model: 'm', baseUrl: 'a.openai.azure.com' }, 'baseUrl'],
    ['azure-openai', { model: 'm', baseUrl: 'https://a.openai.azure.com/openai/v1/' }, 'baseUrl'],
    ['azure-openai', { model: 'm', baseUrl: 'https://a.test', apiKey: 'sk-secret\n' }, 'apiKey'],
    ['azure-openai', { model: 'm', baseUrl: 'https://a.test', apiVersion: '2024-10-21&x=1' }, 'apiVersion'],
    ['azure-openai', { model: 'm', baseUrl: 'https://a.test', deployment: 'd' }, 'deployment'],
    ['openai', { model: '' }, 'model'],
    ['openai', { model: 'm', apiKey: 'sk-secret\n' }, 'apiKey'],
    ['openai', { model: 'm', apiKey: '' }, 'apiKey'],
    ['openai', { model: 'm', headers: { a: 'sk-secret\r\nx: y' } }, 'headers.a'],
    ['openai', { model: 'm', dispatcher: {} }, 'dispatcher'],
    ['openai', { model: 'm', organisation: 'o' }, 'organisation'],
    ['simulated', { latencyMs: -1 }, 'latencyMs'],
    ['simulated', { latencyMs: { min: 2, max: 1 } }, 'latencyMs'],
    ['simulated', { latencyMs: { median: 10, p95: 5 } }, 'latencyMs'],
    ['simulated', { failureRate: 1.1 }, 'failureRate'],
    ['simulated', { tokens: 0 }, 'tokens'],
    ['simulated', { tokensPerSecond: 0 }, 'tokensPerSecond'],
    ['simulated', { answer: 3 }, 'answer'],
    ['simulated', { clock: Date }, 'clock'],
  ])('of %s are refused by name: %o', (provider, options, expected) => {
    const error = refused(() => createBackend(provider, { name: 'gpu-fast', ...options }));
    expect(error.option).toBe(expected);
    expect(error.message).toContain(`addModel('gpu-fast').${expected}: `);
    expect(error.message).toContain('accepted: ');
    expectNoSecret(error, ['sk-secret', 'secret@']);
  });

  it('suggest the nearest spelling', () => {
    expect(refused(() => createBackend('ollama', { name: 'a', model: 'm', base_url: 'x' })).message).toContain(
      'did you mean baseUrl?',
    );
    expect(refused(() => createBackend('openai', { name: 'a', model: 'm', apikey: 'sk-secret' })).message).toContain(
      'did you mean apiKey?',
    );
  });
});
