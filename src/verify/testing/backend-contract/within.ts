import assert from 'node:assert/strict';
import type { Backend, BackendChunk } from '../../../backends/backend.ts';
import { createProcessHold, systemClock } from '../../../clock.ts';

/** @throws {AssertionError} when it is not settled in time */
export async function within<T>(limitMs: number, what: string, value: T | PromiseLike<T>): Promise<T> {
  // Neither the clock's timers nor what is waited for need keep the process alive, which would end in the midst of it.
  const hold = createProcessHold();
  hold.take();
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = systemClock.setTimeout(
      () => reject(new assert.AssertionError({ message: `${what}: not within ${limitMs} ms` })),
      limitMs,
    );
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    systemClock.clearTimeout(timer);
    hold.end();
  }
}

/** The same backend, of which every single wait has a limit; what it cannot do is left out. */
export function limited(backend: Backend, limitMs: number): Backend {
  return {
    generate: async (request, context) => within(limitMs, 'generate', backend.generate(request, context)),
    ...(backend.stream && {
      stream: (request, context) => limitedPieces(backend.stream!(request, context), limitMs),
    }),
    ...(backend.healthCheck && {
      healthCheck: async (context) => within(limitMs, 'healthCheck()', backend.healthCheck!(context)),
    }),
  };
}

async function* limitedPieces(pieces: AsyncIterable<BackendChunk>, limitMs: number): AsyncGenerator<BackendChunk> {
  assert.equal(typeof pieces?.[Symbol.asyncIterator], 'function', 'stream is to return an AsyncIterable at once');
  const iterator = pieces[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await within(limitMs, 'the next piece of stream', iterator.next());
    if (done === true) return;
    let isLeft = true;
    try {
      yield value;
      isLeft = false;
    } finally {
      if (isLeft) await within(limitMs, 'stream, after its reader left', iterator.return?.());
    }
  }
}
