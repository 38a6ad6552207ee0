import { describe, expect, it } from 'vitest';
import type { CacheOptions } from '../../../src/cache/options.ts';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

const COLD = { temperature: 0 } as const;
const embedder = {
  id: 'same',
  dimensions: 4,
  maxTokens: 10_000,
  embed: async () => Float32Array.of(1, 0, 0, 0),
};

async function judgedRig(verify: CacheOptions['verify']) {
  const rig = createRig({ a: {}, cheap: { pricing: { inputPerMillion: 1, outputPerMillion: 2 } } });
  rig.router.addRoute('normal', { targets: ['a'] });
  rig.router.enableCache({ embedder, guard: 'off', verify });
  await rig.router.cacheReady();
  const asks = async (prompt: string) => {
    const asked = rig.ask(COLD, prompt);
    await settled();
    return asked;
  };
  const stored = async (prompt: string) => {
    const asked = await asks(prompt);
    rig.backends.a.last.succeed({ content: `about ${prompt}` });
    await settled();
    return asked;
  };
  return { ...rig, asks, stored, cache: () => rig.router.getStats().cache! };
}

describe('a judge that is one of the router’s models', () => {
  it('is asked before an answer is first served to another prompt, and not again after a yes', async () => {
    const { asks, stored, backends, cache, router } = await judgedRig({ model: 'cheap' });
    await stored('What is Python?');
    expect(backends.cheap.calls).toHaveLength(0);
    const other = await asks('Tell me "about" Python');
    expect(other.isSettled).toBe(false);
    const { request } = backends.cheap.last;
    expect(request).toMatchObject({ temperature: 0 });
    expect(request.prompt).toContain('"Tell me \\"about\\" Python"');
    backends.cheap.last.succeed({
      content: ' Yes.',
      usage: { promptTokens: 100, completionTokens: 1, totalTokens: 101 },
    });
    await settled();
    expect(other.answer).toMatchObject({ content: 'about What is Python?', cacheKind: 'semantic' });
    expect(other.answer!.trace.cache).toMatchObject({ status: 'hit', verified: true });
    expect(await asks('Tell me "about" Python')).toMatchObject({ answer: { cacheKind: 'exact' } });
    expect(backends.cheap.calls).toHaveLength(1);
    expect(cache()).toMatchObject({ aliases: 1, judgements: { yes: 1, no: 0, unclear: 0 } });
    expect(cache().judgements.cost).toBeCloseTo(0.000102, 9);
    expect(router.getStats()).toMatchObject({ totalRequests: 3, requestsByModel: { a: 1 } });
  });

  it('remembers a no for the pair', async () => {
    const { asks, stored, backends, cache } = await judgedRig({ model: 'cheap' });
    await stored('x');
    const first = await asks('y');
    backends.cheap.last.succeed({ content: 'NO' });
    await settled();
    expect(first.isSettled).toBe(false);
    backends.a.last.fail();
    await settled();
    const second = await asks('y');
    expect(backends.cheap.calls).toHaveLength(1);
    backends.a.last.succeed();
    await settled();
    expect(second.answer!.trace.cache).toMatchObject({ status: 'miss', reason: 'denied' });
    expect(cache().judgements).toMatchObject({ no: 1 });
  });

  it.each([
    '',
    'Maybe',
    'Yes, but the second one asks for more',
    'NO YES',
    'yesterday',
  ])('takes %o for no clear word: a miss, and nothing is remembered', async (content) => {
    const { asks, stored, backends, cache } = await judgedRig({ model: 'cheap' });
    await stored('x');
    const first = await asks('y');
    backends.cheap.last.succeed({ content });
    await settled();
    backends.a.last.fail();
    await settled();
    expect(first.isSettled).toBe(true);
    await asks('y');
    expect(backends.cheap.calls).toHaveLength(2);
    expect(cache().judgements).toMatchObject({ unclear: 1, yes: 0, no: 0 });
  });

  it('that fails, is out, or takes too long is a miss', async () => {
    const { asks, stored, backends, router, clock } = await judgedRig({ model: 'cheap', timeoutMs: 500 });
    await stored('x');
    const failed = await asks('y');
    backends.cheap.last.fail();
    await settled();
    backends.a.last.succeed();
    await settled();
    expect(failed.answer!.trace.cache).toMatchObject({ reason: 'unverified' });
    router.purgeCache({ prompt: 'y' });
    const late = await asks('z');
    await clock.advance(500);
    backends.a.last.succeed();
    await settled();
    expect(late.answer!.trace.cache).toMatchObject({ reason: 'unverified' });
    router.purgeCache({ prompt: 'z' });
    router.forceOpen('cheap');
    const out = await asks('w');
    backends.a.last.succeed();
    await settled();
    expect(out.answer!.trace.cache).toMatchObject({ reason: 'unverified' });
  });

  it('is called off with the request', async () => {
    const { asks, stored, backends } = await judgedRig({ model: 'cheap' });
    await stored('x');
    const asked = await asks('y');
    asked.abort();
    await settled();
    expect(asked.isSettled).toBe(true);
    expect(backends.cheap.last.context.signal.aborted).toBe(true);
  });
});

describe('a judge that is a function', () => {
  it.each([
    ['true', async () => true, 'hit'],
    ['false', async () => false, 'denied'],
    ['something that is not true', async () => 'yes' as never, 'denied'],
    ['an error', async () => Promise.reject(new Error('no')), 'unverified'],
    [
      'a throw',
      () => {
        throw new Error('no');
      },
      'unverified',
    ],
  ])('that gives %s', async (_, verify, expected) => {
    const { asks, stored, backends } = await judgedRig(verify);
    await stored('x');
    const asked = await asks('y');
    if (!asked.isSettled) backends.a.last.succeed();
    await settled();
    const verdict = asked.answer!.trace.cache!;
    expect('reason' in verdict ? verdict.reason : verdict.status).toBe(expected);
  });

  it('is given both prompts and the answer', async () => {
    const asked: unknown[] = [];
    const { asks, stored } = await judgedRig((...given) => {
      asked.push(given);
      return true;
    });
    await stored('x');
    await asks('y');
    expect(asked).toEqual([['y', 'x', 'about x']]);
  });
});

it('refuses a judge that is no model of the router', () => {
  const { router } = createRig({ a: {} });
  expect(() => router.enableCache({ embedder: false, verify: { model: 'nope' } })).toThrow(
    /verify.model: given 'nope'; accepted: a model of the router/,
  );
});
