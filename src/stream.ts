import type { StreamChunk } from './answer.ts';

/** Chunks that may wait for their reader before the provider is made to wait. */
const BUFFERED_CHUNKS = 16;

/** Where a call writes its chunks. */
export interface Sink {
  /** undefined when there is room for more; else resolves when there is. */
  write(chunk: StreamChunk): Promise<void> | undefined;
}

/** A bounded pipe between one call and one reader. */
export interface Channel extends Sink, AsyncIterableIterator<StreamChunk> {
  /** The last chunk. */
  end(chunk: StreamChunk): void;
  fail(error: unknown): void;
}

/** @param onLeave called when the reader leaves before the end, by `break`, `throw` or `return`. */
export function createChannel(onLeave: () => void): Channel {
  const buffer: StreamChunk[] = [];
  let over = false;
  let failure: { readonly error: unknown } | null = null;
  let reader: PromiseWithResolvers<IteratorResult<StreamChunk>> | null = null;
  let writer: PromiseWithResolvers<void> | null = null;

  const wakeReader = (): void => {
    if (reader === null) return;
    const waiting = reader;
    const chunk = buffer.shift();
    if (chunk !== undefined) waiting.resolve({ done: false, value: chunk });
    else if (failure !== null) {
      waiting.reject(failure.error);
      failure = null;
    } else if (over) waiting.resolve({ done: true, value: undefined });
    else return;
    reader = null;
  };
  const wakeWriter = (): void => {
    writer?.resolve();
    writer = null;
  };

  return {
    write(chunk) {
      if (over) return undefined;
      buffer.push(chunk);
      wakeReader();
      if (buffer.length < BUFFERED_CHUNKS) return undefined;
      writer ??= withResolvers();
      return writer.promise;
    },
    end(chunk) {
      if (over) return;
      buffer.push(chunk);
      over = true;
      wakeReader();
      wakeWriter();
    },
    fail(error) {
      if (over) return;
      failure = { error };
      over = true;
      wakeReader();
      wakeWriter();
    },
    next() {
      if (reader !== null) return reader.promise.then(() => this.next());
      reader = withResolvers();
      const { promise } = reader;
      wakeReader();
      if (buffer.length < BUFFERED_CHUNKS) wakeWriter();
      return promise;
    },
    async return() {
      if (!over) onLeave();
      over = true;
      failure = null;
      buffer.length = 0;
      wakeReader();
      wakeWriter();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

// `Promise.withResolvers` is not in Node 20.
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
