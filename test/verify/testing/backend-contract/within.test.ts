import { AssertionError } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Backend, BackendChunk } from '../../../../src/backends/backend.ts';
import type { BackendContractOptions } from '../../../../src/verify/testing/backend-contract/options.ts';
import { build } from '../../../support/build.ts';
import { runCase } from './cases.ts';

const never = (): Promise<never> => new Promise(() => {});

const backend: Backend = {
  generate: async () => ({ content: 'hi' }),
  async *stream() {
    yield { type: 'text', text: 'hi' };
    yield { type: 'finish' };
  },
};

/** A stream that is stuck when it is left. */
const stuck = (): AsyncIterable<BackendChunk> => ({
  [Symbol.asyncIterator]: () => ({
    next: async () => ({ done: false, value: { type: 'text', text: 'hi' } }),
    return: never,
  }),
});

const over = (methods: Partial<Backend>): Pick<BackendContractOptions, 'make'> => ({
  make: () => ({ ...backend, ...methods }),
});

describe('every wait for a backend has a limit, and what hung is named', () => {
  it.each<[string, string, BackendContractOptions]>([
    ["make('ok')", 'answers with a text', { make: never }],
    ['generate', 'answers with a text', over({ generate: never })],
    ['generate', 'serves many calls at once', over({ generate: never })],
    ['generate', 'says of lost whose fault it was', { ...over({ generate: never }), failures: { lost: {} } }],
    ['generate', 'shows its keys neither', { ...over({ generate: never }), secrets: ['key'] }],
    ['generate', 'leaves no listener', { ...over({ generate: never }), releasesSignal: true }],
    [
      'the next piece of stream',
      'streams what joins',
      over({ stream: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }) }),
    ],
    [
      'the next piece of stream',
      'never takes a stream that was cut',
      {
        ...over({ stream: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }) }),
        behaviours: ['truncated'],
      },
    ],
    ['stream, after its reader left', 'lets go of the provider', { ...over({ stream: stuck }), behaviours: ['slow'] }],
    ['healthCheck()', 'is well', over({ healthCheck: never })],
    ['close()', 'answers with a text', over({ close: never })],
  ])('%s, where it %s', async (what, name, options) => {
    const error = await runCase(name, { limitMs: 20, ...options }).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(AssertionError);
    expect((error as Error).message).toBe(`${what}: not within 20 ms`);
  });

  it('a close that hangs as well does not hide it', async () => {
    const run = runCase('answers with a text', { limitMs: 20, ...over({ generate: never, close: never }) });

    await expect(run).rejects.toThrow('generate: not within 20 ms');
  });

  it('a stream that is missing is not taken for the failure that was asked for', async () => {
    const { stream: _, ...rest } = backend;
    const make = (): Backend => ({ ...rest, generate: async () => Promise.reject(new Error('lost')) });

    await expect(runCase('says of lost', { make, failures: { lost: {} } })).rejects.toThrow(
      'the backend has no stream()',
    );
  });
});

describe('a process that does nothing but run the contract', () => {
  const built = build();

  /** What it prints, one line for each case that is held against such a backend. */
  async function printed(generate: string): Promise<string> {
    const script = `
      import { backendContract } from '${built.url('src/verify/testing/index.js')}';
      const make = (behaviour) => ({ generate: ${generate} });
      const cases = backendContract({ make, streams: false, behaviours: ['hang'] });
      const told = cases.map(({ name, run }) =>
        run().then(() => console.log(name + ': holds'), ({ message }) => console.log(name + ': ' + message)));
      await Promise.all(told);
    `;
    const args = ['--input-type=module', '--eval', script];
    return (await promisify(execFile)(process.execPath, args, { timeout: 20_000 })).stdout;
  }

  it('lives until a backend is through that keeps nothing alive', async () => {
    const text = await printed(`(request, { signal }) => new Promise((resolve, reject) => {
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (behaviour === 'ok') setTimeout(resolve, 5, { content: 'hi' }).unref();
    })`);

    expect(text.trim().split('\n')).toEqual(Array.from({ length: 5 }, () => expect.stringMatching(/: holds$/)));
  });

  it('lives until a backend is judged that never answers, and says within which limit', async () => {
    const text = await printed('() => new Promise(() => {})');

    expect(text).toContain('answers with a text: generate: not within 2000 ms');
    expect(text).toContain('generate, after its signal aborted: not within 2000 ms');
  });
});
