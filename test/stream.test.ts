import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, StreamChunk } from '../src/answer.ts';
import { type Channel, createChannel } from '../src/stream.ts';
import { collectFatal } from './support/fatal.ts';
import { settled } from './support/virtual-clock.ts';

const ROOM = 16;
const fatal = collectFatal();

const text = (piece: number | string): StreamChunk => ({ type: 'text', text: String(piece) });
const done: StreamChunk = { type: 'done', answer: {} as Answer };

function setUp() {
  let left = 0;
  const channel = createChannel(() => left++);
  return { channel, left: () => left };
}

/** What the reader gets from now on, up to the end or the failure. */
async function readAll(channel: Channel): Promise<string[]> {
  const read: string[] = [];
  try {
    for await (const chunk of channel) read.push(chunk.type === 'text' ? chunk.text : chunk.type);
  } catch (error) {
    read.push(`failed: ${(error as Error).message}`);
  }
  return read;
}

/** Whether a promise has settled once every reaction that is ready has run. */
async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  let hasSettled = false;
  const note = (): void => {
    hasSettled = true;
  };
  promise?.then(note, note);
  await settled();
  return hasSettled;
}

describe('a channel', () => {
  it('hands out what was written, in order, then the last chunk, then the end', async () => {
    const { channel, left } = setUp();
    for (const piece of [1, 2, 3]) void channel.write(text(piece));
    channel.end(done);
    expect(await readAll(channel)).toEqual(['1', '2', '3', 'done']);
    expect(await channel.next()).toEqual({ done: true, value: undefined });
    expect(left()).toBe(0);
  });

  it('wakes a reader that was there first', async () => {
    const { channel } = setUp();
    const next = channel.next();
    expect(await isSettled(next)).toBe(false);
    expect(channel.write(text('a'))).toBeUndefined();
    expect(await next).toEqual({ done: false, value: text('a') });
  });

  it('loses, doubles and reorders nothing under any interleaving of writes, reads and pauses', async () => {
    const steps = fc.array(fc.constantFrom('write', 'read', 'pause'), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const { channel } = setUp();
        const reads: Promise<IteratorResult<StreamChunk>>[] = [];
        let written = 0;
        for (const step of list) {
          if (step === 'write') void channel.write(text(written++));
          else if (step === 'read') reads.push(channel.next());
          else await settled();
        }
        channel.end(done);
        while (reads.length <= written + 1) reads.push(channel.next());
        const results = await Promise.all(reads);
        const expected = [...Array.from({ length: written }, (_, piece) => text(piece)), done];
        expect(results.map(({ value }) => value)).toEqual(reads.map((_, index) => expected[index]));
      }),
      { numRuns: 200 },
    );
  });

  it('takes nothing after its last chunk', async () => {
    const { channel } = setUp();
    channel.end(done);
    expect(channel.write(text('late'))).toBeUndefined();
    channel.end(text('later'));
    channel.fail(new Error('latest'));
    expect(await readAll(channel)).toEqual(['done']);
  });

  it('is its own iterator', () => {
    const { channel } = setUp();
    expect(channel[Symbol.asyncIterator]()).toBe(channel);
  });
});

describe('a reader that is slower than its writer', () => {
  it('makes it wait from the sixteenth chunk on, until one is taken', async () => {
    const { channel } = setUp();
    for (let piece = 1; piece < ROOM; piece++) expect(channel.write(text(piece))).toBeUndefined();
    const sixteenth = channel.write(text(ROOM));
    expect(await isSettled(sixteenth)).toBe(false);
    await channel.next();
    expect(await isSettled(sixteenth)).toBe(true);
  });

  it('makes a writer that does not wait go on waiting until there is room again', async () => {
    const { channel } = setUp();
    const writes = Array.from({ length: ROOM + 2 }, (_, piece) => channel.write(text(piece)));
    const waits = writes.at(-1);
    await channel.next();
    await channel.next();
    expect(await isSettled(waits)).toBe(false);
    await channel.next();
    expect(await isSettled(waits)).toBe(true);
  });

  it.each<[string, (channel: Channel) => unknown]>([
    ['the stream ends', (channel) => channel.end(done)],
    ['the stream fails', (channel) => channel.fail(new Error('cut'))],
    ['the reader leaves', (channel) => channel.return!()],
  ])('does not leave it waiting when %s', async (_, close) => {
    const { channel } = setUp();
    let wait: Promise<void> | undefined;
    for (let piece = 0; piece < ROOM; piece++) wait = channel.write(text(piece));
    await close(channel);
    expect(await isSettled(wait)).toBe(true);
  });
});

describe('a stream that fails', () => {
  it('hands out first what had come before', async () => {
    const { channel, left } = setUp();
    void channel.write(text(1));
    void channel.write(text(2));
    channel.fail(new Error('cut'));
    expect(await readAll(channel)).toEqual(['1', '2', 'failed: cut']);
    expect(left()).toBe(0);
  });

  it('rejects a reader that waits, with the very error', async () => {
    const { channel } = setUp();
    const error = new Error('cut');
    const next = channel.next();
    channel.fail(error);
    await expect(next).rejects.toBe(error);
  });

  it('says so once, and is over then', async () => {
    const { channel } = setUp();
    channel.fail(new Error('cut'));
    channel.fail(new Error('cut again'));
    expect(await readAll(channel)).toEqual(['failed: cut']);
    expect(await readAll(channel)).toEqual([]);
  });

  it('may fail with undefined', async () => {
    const { channel } = setUp();
    channel.fail(undefined);
    await expect(channel.next()).rejects.toBeUndefined();
  });

  it('harms nobody when nobody reads', async () => {
    const { channel } = setUp();
    void channel.write(text(1));
    channel.fail(new Error('cut'));
    await settled();
    await settled();
    expect(fatal).toEqual([]);
  });
});

describe('several reads at once', () => {
  it('each get their own chunk, in the order of asking', async () => {
    const { channel } = setUp();
    const reads = [channel.next(), channel.next(), channel.next()];
    for (const piece of [1, 2, 3]) {
      void channel.write(text(piece));
      await settled();
    }
    expect((await Promise.all(reads)).map(({ value }) => value)).toEqual([text(1), text(2), text(3)]);
  });

  it('are not overtaken by one that is asked for later', async () => {
    const { channel } = setUp();
    const reads = [channel.next(), channel.next()];
    for (const piece of [1, 2, 3]) void channel.write(text(piece));
    reads.push(channel.next());
    expect((await Promise.all(reads)).map(({ value }) => value)).toEqual([text(1), text(2), text(3)]);
  });

  it('are all answered when the stream ends before them', async () => {
    const { channel } = setUp();
    const reads = [channel.next(), channel.next(), channel.next()];
    channel.end(done);
    expect((await Promise.all(reads)).map((result) => result.done)).toEqual([false, true, true]);
  });

  it('are all answered when it fails, the first with the failure', async () => {
    const { channel } = setUp();
    const error = new Error('cut');
    const reads = [channel.next(), channel.next(), channel.next()];
    channel.fail(error);
    const results = await Promise.allSettled(reads);
    expect(results[0]).toEqual({ status: 'rejected', reason: error });
    expect(await channel.next()).toEqual({ done: true, value: undefined });
  });

  it('are all answered when the reader leaves', async () => {
    const { channel } = setUp();
    const reads = [channel.next(), channel.next()];
    await channel.return!();
    expect((await Promise.all(reads)).every((result) => result.done)).toBe(true);
  });
});

describe('a reader that leaves', () => {
  it('is noticed once, and what it did not read is gone', async () => {
    const { channel, left } = setUp();
    void channel.write(text(1));
    expect(await channel.return!()).toEqual({ done: true, value: undefined });
    await channel.return!();
    expect(left()).toBe(1);
    expect(await channel.next()).toEqual({ done: true, value: undefined });
  });

  it('is noticed when it breaks out of its loop, and when it throws in it', async () => {
    const broken = setUp();
    void broken.channel.write(text(1));
    for await (const _ of broken.channel) break;
    expect(broken.left()).toBe(1);

    const thrown = setUp();
    void thrown.channel.write(text(1));
    const read = async (): Promise<void> => {
      for await (const _ of thrown.channel) throw new Error('of the reader');
    };
    await expect(read()).rejects.toThrow('of the reader');
    expect(thrown.left()).toBe(1);
  });

  it.each<[string, (channel: Channel) => void]>([
    ['ended', (channel) => channel.end(done)],
    ['failed', (channel) => channel.fail(new Error('cut'))],
  ])('is not missed when the stream has %s, read or not', async (_, close) => {
    const { channel, left } = setUp();
    void channel.write(text(1));
    close(channel);
    await channel.return!();
    expect(left()).toBe(0);
    expect(await readAll(channel)).toEqual([]);
  });

  it('hears of no failure that comes after', async () => {
    const { channel } = setUp();
    await channel.return!();
    channel.fail(new Error('cut'));
    expect(await readAll(channel)).toEqual([]);
    expect(fatal).toEqual([]);
  });
});
