import { expect, it } from 'vitest';
import { afterReactions } from '../../../src/clock.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import { ScriptedBackend, ScriptedStreamingBackend } from '../../../src/verify/testing/scripted-backend.ts';
import { VirtualClock } from '../../../src/verify/testing/virtual-clock.ts';

function routerOver(backend: ScriptedBackend): LLMRouter {
  return new LLMRouter({ clock: new VirtualClock(), seed: 1 }).addModel('gpt', { backend, maxConcurrency: 1 });
}

it('answers when the test says so', async () => {
  const backend = new ScriptedBackend();
  const answer = routerOver(backend).generate('hi');
  expect(backend.last.isOpen).toBe(true);
  backend.last.succeed({ content: 'hello' });
  expect(backend.last.isOpen).toBe(false);
  expect((await answer).content).toBe('hello');
});

it.each([
  ['goes on', false, 1],
  ['lets go', true, 0],
])('%s when it is called off and heedsAbort is %s', async (_, heedsAbort, lingering) => {
  const backend = new ScriptedBackend({ heedsAbort });
  const router = routerOver(backend);
  const caller = new AbortController();
  const answer = router.generate('hi', { signal: caller.signal });
  answer.catch(() => {});
  caller.abort('left');
  await afterReactions();
  expect(backend.last.isOpen).toBe(false);
  expect(router.getModelStatus()['gpt']!.lingering).toBe(lingering);
  await expect(answer).rejects.toBe('left');
});

/** What a backend is given with a call. */
const contextOf = (signal: AbortSignal) => ({ requestId: 'req-1', signal, attempt: 1 }) as never;
const REQUEST = { prompt: 'hi' } as never;
const ended = (answer: Promise<unknown>) =>
  answer.then(
    () => 'answered',
    (reason: unknown) => reason,
  );

it('does not begin with a call that is called off already, when heedsAbort is true', async () => {
  const backend = new ScriptedStreamingBackend({ heedsAbort: true });
  const context = contextOf(AbortSignal.abort('left'));

  expect(await ended(backend.generate(REQUEST, context))).toBe('left');
  expect(await ended(backend.stream(REQUEST, context)[Symbol.asyncIterator]().next())).toBe('left');
});

it('breaks a stream off at once when it is called off and heedsAbort is true, whoever waits for a piece', async () => {
  const backend = new ScriptedStreamingBackend({ heedsAbort: true });
  const caller = new AbortController();
  const [waiting, behind] = [1, 2].map(() => backend.stream(REQUEST, contextOf(caller.signal))[Symbol.asyncIterator]());
  backend.lastStream.push('not taken yet');
  const seen: unknown[] = [];
  ended(waiting!.next()).then((reason) => seen.push(reason));
  await afterReactions();

  caller.abort('left');
  await afterReactions();
  ended(behind!.next()).then((reason) => seen.push(reason));
  await afterReactions();

  expect(seen).toEqual(['left', 'left']);
  expect(backend.lastStream.taken).toBe(0);
});

it('goes on with a stream that is called off until the test ends it, without heedsAbort', async () => {
  const backend = new ScriptedStreamingBackend();
  const caller = new AbortController();
  const pieces = backend.stream(REQUEST, contextOf(caller.signal))[Symbol.asyncIterator]();
  caller.abort('left');

  backend.lastStream.push('still here');

  expect((await pieces.next()).value).toEqual({ type: 'text', text: 'still here' });
});

it('says that there was no call yet, of which it could give the latest', () => {
  const backend = new ScriptedStreamingBackend();

  expect(() => backend.last).toThrow('ScriptedBackend.last: generate() was not called yet');
  expect(() => backend.lastStream).toThrow('ScriptedBackend.lastStream: stream() was not called yet');
  expect(() => backend.of('req-1')).toThrow('ScriptedBackend.of("req-1"): generate() was called for no request yet');
});

it('says of which requests it has calls, when there is none of the one that is asked for', () => {
  const backend = new ScriptedBackend();
  routerOver(backend).generate('hi');

  expect(backend.of('req-1')).toBe(backend.last);
  expect(() => backend.of('req-2')).toThrow('ScriptedBackend.of("req-2"): generate() was called only for req-1');
});
