import { describe, expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { createRig } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const mistake = (option: string) => expect.objectContaining({ code: 'configuration_invalid', option });
const backend = { generate: async () => ({ content: '' }) };

function circular(): object {
  const itself: Record<string, unknown> = {};
  itself['itself'] = itself;
  return itself;
}

describe('a mistake in the configuration is refused by name', () => {
  it.each<[string, unknown]>([
    ['timeoutMs', -1],
    ['timeoutMs', Number.NaN],
    ['timeoutMs', Number.POSITIVE_INFINITY],
    ['readerTimeoutMs', '60s'],
    ['clock', { now: () => 0 }],
    ['seed', 1.5],
    ['id', ''],
    ['logger', { info() {} }],
    ['inspect', true],
    ['breaker', true],
    ['timeOutMs', 5],
  ])('new LLMRouter({ %s: %j })', (option, value) => {
    expect(() => new LLMRouter({ [option]: value })).toThrow(mistake(option));
  });

  it.each<[string, unknown]>([
    ['failureThreshold', 0],
    ['failureThreshold', 1.5],
    ['successThreshold', -1],
    ['recoveryTimeoutMs', -1],
    ['maxOpenMs', 'long'],
    ['openJitter', 1.1],
    ['halfOpenMaxProbes', 0],
    ['probeTimeoutMs', 0],
    ['maxHintMs', -1],
    ['treshold', 3],
  ])('a breaker with { %s: %j }, wherever it is given', (option, value) => {
    const { router } = createRig({});
    const breaker = { [option]: value };
    expect(() => new LLMRouter({ breaker })).toThrow(mistake(option));
    expect(() => router.addModel('m', { backend, breaker })).toThrow(mistake(option));
    expect(() => router.enableCircuitBreaker(breaker)).toThrow(mistake(option));
  });

  it.each<[string, unknown]>([
    ['provider', {}],
    ['provider', { backend, provider: 'ollama', model: 'x' }],
    ['provider', { provider: 'ollma', model: 'x' }],
    ['backend', { backend: {} }],
    ['maxQueueDepth', { backend, maxQueueDepth: 0 }],
    ['maxConcurrency', { backend, maxConcurrency: -1 }],
    ['maxConcurrency', { backend, maxConcurrency: 11, maxQueueDepth: 10 }],
    ['attemptTimeoutMs', { backend, attemptTimeoutMs: 0 }],
    ['abortGraceMs', { backend, abortGraceMs: Number.NaN }],
    ['breaker', { backend, breaker: 'off' }],
    ['options', { backend, options: [] }],
    ['classify', { backend, classify: 'failure' }],
    ['maxQueueDeep', { backend, maxQueueDeep: 5 }],
    ['options', null],
  ])('%s in addModel, given %j', (option, options) => {
    const { router } = createRig({});
    expect(() => router.addModel('m', options as never)).toThrow(mistake(option));
    expect(router.getModelStatus()).toEqual({});
    // Nothing of it is left behind.
    router.addModel('m', { backend });
  });

  it.each([
    '',
    'auto',
    ' a',
    'a b',
    '-a',
    'ä',
    'x'.repeat(101),
    7 as never,
    'constructor',
    'toString',
  ])('the name %j of a model', (name) => {
    expect(() => createRig({}).router.addModel(name, { backend })).toThrow(mistake('name'));
  });

  it('a name that a model or a rule has', () => {
    const { router } = createRig({ a: {} });
    router.addRoute('high', { name: 'fast', targets: ['a'] });
    router.addRoute({}, { targets: ['a'] });
    for (const name of ['a', 'fast', 'any']) expect(() => router.addModel(name, { backend })).toThrow(mistake('name'));
  });

  it.each<[string, unknown, unknown]>([
    ['priority', { priority: 'urgent' }, { targets: ['a'] }],
    ['prio', { prio: 'high' }, { targets: ['a'] }],
    ['targets', {}, {}],
    ['targets', {}, { targets: [] }],
    ['targets', {}, { targets: ['x'] }],
    ['targets', {}, { targets: ['a', 'a'] }],
    ['fallback', {}, { targets: ['a'], fallback: ['x'] }],
    ['fallback', {}, { targets: ['a'], fallback: ['a'] }],
    ['fallbacks', {}, { targets: ['a'], fallbacks: ['b'] }],
    ['name', {}, { name: 'a', targets: ['a'] }],
    ['metadata', { metadata: JSON.parse('{"__proto__":"x"}') }, { targets: ['a'] }],
    ['metadata.big', { metadata: { big: 10n } }, { targets: ['a'] }],
    ['metadata.itself', { metadata: circular() }, { targets: ['a'] }],
  ])('%s of a rule', (option, match, options) => {
    const { router } = createRig({ a: {}, b: {} });
    expect(() => router.addRoute(match as never, options as never)).toThrow(mistake(option));
    expect(router.actor.getSnapshot().context.rules).toEqual([]);
  });

  it.each(['', 'auto', 'a b'])('the name %j of a rule', (name) => {
    expect(() => createRig({ a: {} }).router.addRoute({}, { name, targets: ['a'] })).toThrow(mistake('name'));
  });

  it('the name that a rule gets by itself, when a model has it', () => {
    const { router } = createRig({ any: {} });
    expect(() => router.addRoute({}, { targets: ['any'] })).toThrow(mistake('name'));
  });

  it('the priority of a rule that is a bare word', () => {
    expect(() => createRig({ a: {} }).router.addRoute('urgent' as never, { targets: ['a'] })).toThrow(
      mistake('priority'),
    );
  });
});

describe('a wrong request is refused by the name of its field', () => {
  it.each<[string, unknown]>([
    ['priority', 'urgent'],
    ['priority', 'HIGH'],
    ['temperature', 2.1],
    ['temperature', 'hot'],
    ['maxTokens', 0],
    ['stop', [1]],
    ['seed', 0.5],
    ['tools', [{}]],
    ['toolChoice', 'any'],
    ['responseFormat', 'xml'],
    ['metadata', []],
    ['providerOptions', 'x'],
    ['model', 5],
    ['fallback', 'no'],
    ['maxRetries', 6],
    ['maxRetries', -1],
    ['onStreamFailure', 'begin again'],
    ['system', {}],
    ['timeoutMs', 0],
    ['totalTimeoutMs', Number.NaN],
    ['signal', {}],
    ['tenant', 5],
    ['replyTo', {}],
    ['prioritty', 'high'],
  ])('%s: %j', async (field, value) => {
    const { ask, backends, router } = createRig({ m: {} });
    const request = ask({ [field]: value } as never);
    await settled();
    expect(request.error).toMatchObject({ code: 'request_invalid', status: 400, field });
    expect(backends.m.calls).toHaveLength(0);
    expect(router.getStats().totalRequests).toBe(0);
  });

  it.each<[string, unknown]>([
    ['prompt', ''],
    ['prompt', 5],
    ['messages', { messages: [] }],
    ['messages[0]', { messages: ['hi'] }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'hi' }] }],
    ['messages[1].content', { messages: [{ role: 'user', content: 'hi' }, { role: 'user' }] }],
    ['messages[0].content[0]', { messages: [{ role: 'user', content: [{ type: 'audio' }] }] }],
  ])('%s, given %j', async (field, input) => {
    const { router } = createRig({ m: {} });
    await expect(router.generate(input as never)).rejects.toMatchObject({ code: 'request_invalid', field });
  });

  it('and its own words are not in the message', async () => {
    const { router } = createRig({ m: {} });
    const words = 'the caller’s own words';
    for (const input of [{ messages: words }, { messages: [{ role: 'user', content: { words } }] }]) {
      const error = await router.generate(input as never).catch((reason: Error) => reason);
      expect((error as Error).message).not.toContain(words);
    }
  });
});

describe('enableCircuitBreaker()', () => {
  it('replaces and resets the breaker of every model that has none of its own', async () => {
    const { breaker, clock, fail, heard, router } = createRig({
      a: {},
      own: { breaker: { failureThreshold: 1 } },
      off: { breaker: false },
    });
    await fail('a', 5);
    await fail('own', 1);
    expect([breaker('a'), breaker('own'), breaker('off')]).toEqual(['open', 'open', 'forced_closed']);
    const changes = heard('breaker.changed');
    router.enableCircuitBreaker({ failureThreshold: 2, recoveryTimeoutMs: 1_000, openJitter: 0 });
    expect([breaker('a'), breaker('own'), breaker('off')]).toEqual(['closed', 'open', 'forced_closed']);
    expect(changes).toMatchObject([{ model: 'a', from: 'open', to: 'closed', cause: 'configured', opens: 0 }]);

    await fail('a', 2);
    expect(breaker('a')).toBe('open');
    expect(changes.at(-1)).toMatchObject({ model: 'a', opens: 1, openForMs: 1_000 });
    // The recovery time of before is gone with its breaker.
    await clock.advance(999);
    expect(breaker('a')).toBe('open');
    await clock.advance(1);
    expect(breaker('a')).toBe('half_open');
  });

  it('says nothing of a breaker that was closed and stays closed', () => {
    const { heard, router } = createRig({ a: {} });
    const changes = heard('breaker.changed');
    router.enableCircuitBreaker({ failureThreshold: 2 });
    router.restore(router.snapshot());
    expect(changes).toEqual([]);
  });

  it('by a listener concerns the models that the router has by then, also those that it adds or removes itself', async () => {
    const { ask, backends, breaker, fail, router } = createRig({ a: {}, b: {} });
    const added = new ScriptedStreamingBackend();
    router.once('request.settled', () => {
      void router.removeModel('b');
      router.addModel('c', { backend: added });
      router.enableCircuitBreaker({ failureThreshold: 1, openJitter: 0 });
      expect(() => router.pause('b')).toThrow(expect.objectContaining({ code: 'configuration_invalid' }));
    });
    ask();
    backends.a.last.succeed();
    await settled();
    await fail('a', 1);
    expect(breaker('a')).toBe('open');
    ask({ model: 'c' });
    added.last.fail();
    await settled();
    expect(router.getModelStatus()['c']!.circuitBreaker.state).toBe('open');
    expect(router.isStopped).toBe(false);
  });

  it('holds for models that are added later', async () => {
    const rig = createRig({});
    rig.router.enableCircuitBreaker({ failureThreshold: 1 });
    const late = new ScriptedStreamingBackend();
    rig.router.addModel('late', { backend: late });
    const request = rig.ask();
    late.last.fail();
    await settled();
    expect(request.code).toBe('provider_failed');
    expect(rig.router.getModelStatus()['late']!.circuitBreaker.state).toBe('open');
  });

  it('judges no call that was made before it', async () => {
    const { ask, backends, breaker, heard, router } = createRig({ m: {} });
    const stale = heard('result.stale');
    const request = ask();
    router.enableCircuitBreaker({ failureThreshold: 1 });
    backends.m.last.fail();
    await settled();
    expect(breaker('m')).toBe('closed');
    expect(stale).toMatchObject([{ model: 'm', outcome: 'failure' }]);
    expect(request.code).toBe('provider_failed');
  });

  it('keeps what waits in the queue, and starts it when the breaker was in the way', async () => {
    const { ask, backends, router } = createRig({ m: { maxConcurrency: 1 } });
    ask();
    ask();
    router.enableCircuitBreaker();
    expect(router.getModelStatus()['m']).toMatchObject({ queueDepth: 2, running: 1 });
    backends.m.last.succeed();
    await settled();
    expect(backends.m.calls).toHaveLength(2);
  });

  it('switches breakers on that the router began without', async () => {
    const { breaker, fail, router } = createRig({ m: {} }, { breaker: false });
    await fail('m', 50);
    expect(breaker('m')).toBe('forced_closed');
    router.enableCircuitBreaker({ failureThreshold: 2 });
    expect(breaker('m')).toBe('closed');
    await fail('m', 2);
    expect(breaker('m')).toBe('open');
  });
});

describe('breaker: false', () => {
  it('admits everything and judges nothing, for one model or for all', async () => {
    const { breaker, fail, heard, router } = createRig({ free: { breaker: false }, guarded: {} });
    const changes = heard('breaker.changed');
    const stale = heard('result.stale');
    await fail('free', 100);
    expect(breaker('free')).toBe('forced_closed');
    expect(router.getModelStatus()['free']).toMatchObject({ failures: 100, circuitBreaker: { failureCount: 0 } });
    expect([changes, stale]).toEqual([[], []]);
    await fail('guarded', 5);
    expect(breaker('guarded')).toBe('open');
  });
});

it('breakers are on when nobody speaks of them, with the defaults', async () => {
  const clock = new VirtualClock();
  const router = new LLMRouter({ clock, seed: 1 });
  const scripted = new ScriptedStreamingBackend();
  router.addModel('m', { backend: scripted });
  const state = (): string => router.getModelStatus()['m']!.circuitBreaker.state;
  for (let failure = 0; failure < 5; failure++) {
    expect(state()).toBe('closed');
    router.generate('hi').catch(() => undefined);
    scripted.last.fail();
    await settled();
  }
  expect(state()).toBe('open');
  await clock.advance(60_000 - 1);
  expect(state()).toBe('open');
  await clock.advance(12_001);
  expect(state()).toBe('half_open');
});
