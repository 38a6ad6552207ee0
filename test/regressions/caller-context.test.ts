import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { createRequest } from '../../machines/index.ts';
import type { Backend } from '../../src/backends/backend.ts';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const caller = new AsyncLocalStorage<string>();

/** Notes in whose context each of its parts runs, under the prompt of the request it runs for. */
class NotingBackend implements Backend {
  readonly notes: string[] = [];
  readonly #release: (() => void)[] = [];
  readonly #fails: boolean;

  constructor(fails = false) {
    this.#fails = fails;
  }

  async generate({ prompt }: { readonly prompt: string }) {
    this.#note('generate', prompt);
    await this.#wait();
    this.#note('generate, later', prompt);
    if (this.#fails) throw new BackendError('down', { status: 500 });
    return { content: prompt };
  }

  async *stream({ prompt }: { readonly prompt: string }) {
    this.#note('stream', prompt);
    await this.#wait();
    if (this.#fails) throw new BackendError('down', { status: 500 });
    for (const text of ['a', 'b']) {
      this.#note('chunk', prompt);
      yield { type: 'text' as const, text };
    }
  }

  classify = (): undefined => {
    this.notes.push(`classify in ${caller.getStore()}`);
  };

  /** Lets the call that has waited longest go on, in a context that is nobody's. */
  release(): void {
    this.#release.shift()!();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => this.#release.push(resolve));
  }

  #note(what: string, prompt: string): void {
    this.notes.push(`${what} for ${prompt} in ${caller.getStore()}`);
  }
}

function createRouter(backends: Readonly<Record<string, NotingBackend>>): LLMRouter {
  const router = new LLMRouter({ clock: new VirtualClock(), seed: 1, retries: { maxRetries: 0 } });
  for (const [name, backend] of Object.entries(backends)) {
    router.addModel(name, { backend, maxConcurrency: 1, classify: backend.classify });
  }
  return router;
}

async function read(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

describe('a backend call runs in its caller’s context', () => {
  it('also when the end of another request dispatched it', async () => {
    const m = new NotingBackend();
    const router = createRouter({ m });
    for (const name of ['A', 'B', 'C']) caller.run(name, () => void router.generate(name));
    for (let call = 0; call < 3; call++) {
      m.release();
      await settled();
    }
    expect(m.notes).toEqual(
      ['A', 'B', 'C'].flatMap((name) => [`generate for ${name} in ${name}`, `generate, later for ${name} in ${name}`]),
    );
  });

  it('also through a queue and a failover, and so does classify', async () => {
    const m = new NotingBackend(true);
    const spare = new NotingBackend();
    const router = createRouter({ m, spare });
    for (const name of ['A', 'B']) caller.run(name, () => void router.generate(name));
    m.release();
    await settled();
    m.release();
    await settled();
    spare.release();
    await settled();

    expect(m.notes.filter((note) => note.startsWith('classify'))).toEqual(['classify in A', 'classify in B']);
    expect(m.notes).toContain('generate for B in B');
    expect(spare.notes).toEqual(['generate for A in A', 'generate, later for A in A', 'generate for B in B']);
  });

  it('as a stream, through a queue and a failover', async () => {
    const m = new NotingBackend(true);
    const spare = new NotingBackend();
    const router = createRouter({ m, spare });
    for (const name of ['A', 'B']) caller.run(name, () => void read(router.stream(name)));
    for (const backend of [m, m, spare, spare]) {
      backend.release();
      await settled();
    }
    expect(m.notes).toEqual(['stream for A in A', 'classify in A', 'stream for B in B', 'classify in B']);
    expect(spare.notes).toEqual(
      ['A', 'B'].flatMap((name) => [`stream for ${name} in ${name}`, ...Array(2).fill(`chunk for ${name} in ${name}`)]),
    );
  });

  it('also when an actor sent what createRequest made, from another context', async () => {
    const m = new NotingBackend();
    const router = createRouter({ m });
    const { request } = caller.run('A', () => createRequest(router, { prompt: 'A' }));
    caller.run('sender', () => router.actor.send(request));
    await settled();
    expect(m.notes).toEqual(['generate for A in A']);
  });
});
