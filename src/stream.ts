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
  /** Reads that wait for their chunk, in order. */
  const readers: PromiseWithResolvers<IteratorResult<StreamChunk>>[] = [];
  let writer: PromiseWithResolvers<void> | null = null;

  const wakeReaders = (): void => {
    while (readers.length > 0) {
      const chunk = buffer.shift();
      if (chunk !== undefined) readers.shift()!.resolve({ done: false, value: chunk });
      else if (failure !== null) {
        readers.shift()!.reject(failure.error);
        failure = null;
      } else if (over) readers.shift()!.resolve({ done: true, value: undefined });
      else return;
    }
  };
  const wakeWriter = (): void => {
    writer?.resolve();
    writer = null;
  };

  return {
    write(chunk) {
      if (over) return undefined;
      buffer.push(chunk);
      wakeReaders();
      if (buffer.length < BUFFERED_CHUNKS) return undefined;
      writer ??= withResolvers();
      return writer.promise;
    },
    end(chunk) {
      if (over) return;
      buffer.push(chunk);
      over = true;
      wakeReaders();
      wakeWriter();
    },
    fail(error) {
      if (over) return;
      failure = { error };
      over = true;
      wakeReaders();
      wakeWriter();
    },
    next() {
      const reader = withResolvers<IteratorResult<StreamChunk>>();
      readers.push(reader);
      wakeReaders();
      if (buffer.length < BUFFERED_CHUNKS) wakeWriter();
      return reader.promise;
    },
    async return() {
      if (!over) onLeave();
      over = true;
      failure = null;
      buffer.length = 0;
      wakeReaders();
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
