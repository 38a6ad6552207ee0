import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const COMMANDS = ['pause', 'resume', 'drain', 'forceOpen', 'forceClosed', 'reset'] as const;
const breaker = { failureThreshold: 2, recoveryTimeoutMs: 10_000 };
const given = () => createRig({ m: { maxConcurrency: 1, maxQueueDepth: 5, breaker }, spare: {} });

describe('an operator’s command', () => {
  it.each(COMMANDS)('%s told twice holds once: the second changes nothing and is heard by nobody', async (command) => {
    const rig = given();
    rig.ask();
    rig.ask();
    rig.router[command]('m');
    await settled();
    const before = rig.router.getModelStatus();
    const heard = (['control.changed', 'breaker.changed', 'request.settled'] as const).map((name) => rig.heard(name));
    rig.router[command]('m');
    await settled();
    expect(rig.router.getModelStatus()).toEqual(before);
    expect(heard.flat()).toEqual([]);
  });

  it.each(
    COMMANDS,
  )('%s of an unknown model is refused by name, and so is one that is being removed', async (command) => {
    const { ask, router } = given();
    for (const name of ['nobody', 'constructor', '__proto__', '']) {
      expect(() => router[command](name)).toThrow(
        expect.objectContaining({ code: 'configuration_invalid', message: expect.stringContaining(`"${name}"`) }),
      );
    }
    ask();
    void router.removeModel('m');
    expect(() => router[command]('m')).toThrow(/"m".*spare/);
  });

  it.each(COMMANDS)('%s is what the refusal calls it', (command) => {
    expect(() => given().router[command]('nobody')).toThrow(command);
  });

  it.each(COMMANDS)('%s is refused by a router that was stopped', async (command) => {
    const { router } = given();
    await router.stop();
    expect(() => router[command]('m')).toThrow(expect.objectContaining({ code: 'router_stopped' }));
  });

  it.each(COMMANDS)('%s can be chained', (command) => {
    const { router } = given();
    expect(router[command]('m')).toBe(router);
  });
});

describe('pause() and resume()', () => {
  it('let what runs finish, keep what waits, send newcomers elsewhere, then go on in order', async () => {
    const { ask, backends, clock, heard, router } = given();
    const changes = heard('control.changed');
    const running = ask({}, 'running');
    const waiting = ask({ priority: 'low' }, 'low');
    const urgent = ask({ priority: 'critical' }, 'critical');
    router.pause('m');
    const newcomer = ask();
    expect(router.getModelStatus()['m']).toMatchObject({ control: 'paused', queueState: 'holding', queueDepth: 3 });
    backends.m.last.succeed();
    backends.spare.last.succeed();
    await clock.advance(1_000);
    expect([running, newcomer].map(({ answer }) => answer?.modelUsed)).toEqual(['m', 'spare']);
    expect(newcomer.answer?.trace.candidates[0]).toMatchObject({ model: 'm', verdict: 'skipped', reason: 'paused' });
    expect(backends.m.calls).toHaveLength(1);

    router.resume('m');
    expect(backends.m.last.request.prompt).toBe('critical');
    backends.m.last.succeed();
    await settled();
    backends.m.last.succeed();
    await settled();
    expect([urgent, waiting].map(({ answer }) => answer?.queueMs)).toEqual([1_000, 1_000]);
    expect(changes).toMatchObject([
      { model: 'm', from: 'active', to: 'paused', at: 0 },
      { model: 'm', from: 'paused', to: 'active', at: 1_000 },
    ]);
  });

  it('let a waiting request of a paused model be aborted and run out of time', async () => {
    const { ask, clock, router } = given();
    ask();
    const aborted = ask();
    const late = ask({ timeoutMs: 500 });
    router.pause('m');
    aborted.abort('left');
    await clock.advance(500);
    expect([aborted.error, late.code]).toEqual(['left', 'deadline_exceeded']);
    expect(router.getModelStatus()['m']!.queueDepth).toBe(1);
  });

  it('leave the breaker alone: it opens, recovers and probes nothing while paused', async () => {
    const { ask, backends, breaker: state, clock, router } = given();
    ask({ model: 'm' });
    router.pause('m');
    backends.m.last.fail();
    await settled();
    router.resume('m');
    ask({ model: 'm' });
    router.pause('m');
    backends.m.last.fail();
    await settled();
    expect(state('m')).toBe('open');
    await clock.advance(10_000);
    const refused = ask({ model: 'm' });
    await settled();
    expect(state('m')).toBe('half_open');
    expect(refused.error).toMatchObject({ candidates: [{ reason: 'paused' }] });
    router.resume('m');
    ask({ model: 'm' });
    expect(backends.m.calls).toHaveLength(3);
  });

  it('start nothing that a rate limit still holds back', async () => {
    const { ask, backends, clock, router } = given();
    ask({ model: 'm' });
    backends.m.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 5_000 }));
    await settled();
    router.pause('m').resume('m');
    await clock.advance(4_999);
    expect(backends.m.calls).toHaveLength(1);
    await clock.advance(1);
    expect(backends.m.calls).toHaveLength(2);
  });
});

describe('drain()', () => {
  it('finishes what waits and runs, takes nobody, is drained then, and ends with resume()', async () => {
    const { ask, backends, heard, router } = given();
    const changes = heard('control.changed');
    const old = [ask(), ask()];
    router.drain('m');
    const newcomer = ask({ model: 'm' });
    await settled();
    expect(newcomer.error).toMatchObject({ candidates: [{ reason: 'draining' }] });
    backends.m.last.succeed();
    await settled();
    expect(router.getModelStatus()['m']!.control).toBe('draining');
    backends.m.last.succeed();
    await settled();
    expect(old.every(({ answer }) => answer?.modelUsed === 'm')).toBe(true);
    expect(router.getModelStatus()['m']!.control).toBe('drained');
    router.resume('m');
    ask({ model: 'm' });
    expect(backends.m.calls).toHaveLength(3);
    expect(changes.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'active draining',
      'draining drained',
      'drained active',
    ]);
  });

  it('is not over while a backend has not let go', async () => {
    const { ask, clock, router } = given();
    ask().abort();
    router.drain('m');
    expect(router.getModelStatus()['m']).toMatchObject({ control: 'draining', lingering: 1 });
    await clock.advance(1_000);
    expect(router.getModelStatus()['m']).toMatchObject({ control: 'drained', lingering: 0 });
  });

  it('of a paused model goes on with what waits', async () => {
    const { ask, backends, router } = given();
    ask();
    ask();
    router.pause('m');
    backends.m.last.succeed();
    await settled();
    router.drain('m');
    expect(backends.m.calls).toHaveLength(2);
  });
});

describe('forceOpen(), forceClosed() and reset()', () => {
  it('are heard and seen, each change a new generation', async () => {
    const { ask, backends, heard, router } = given();
    const changes = heard('breaker.changed');
    const stale = heard('result.stale');
    ask({ model: 'm' });
    const waiting = ask();
    router.forceOpen('m');
    // What waits goes on at once, what runs is finished and counts for nothing.
    expect(backends.spare.calls).toHaveLength(1);
    expect(router.getModelStatus()['m']).toMatchObject({
      queueState: 'blocked',
      circuitBreaker: { state: 'forced_open', openUntil: null },
    });
    backends.m.last.fail();
    backends.spare.last.succeed();
    await settled();
    expect(waiting.answer?.trace.candidates[0]).toMatchObject({ model: 'm', reason: 'circuit_open' });
    expect(stale).toHaveLength(1);
    router.forceClosed('m');
    router.reset('m');
    expect(changes).toMatchObject([
      { from: 'closed', to: 'forced_open', cause: 'forced', openForMs: null },
      { from: 'forced_open', to: 'forced_closed', cause: 'forced' },
      { from: 'forced_closed', to: 'closed', cause: 'reset' },
    ]);
  });

  it('forget, by reset(), every failure and earlier opening', async () => {
    const { breaker: state, clock, fail, heard, router } = given();
    await fail('m', 2);
    await clock.advance(10_000);
    await fail('m', 1);
    expect(router.getModelStatus()['m']!.circuitBreaker.opens).toBe(2);
    router.reset('m');
    expect(router.getModelStatus()['m']!.circuitBreaker).toMatchObject({ state: 'closed', opens: 0, failureCount: 0 });
    await fail('m', 1);
    router.reset('m');
    const changes = heard('breaker.changed');
    await fail('m', 1);
    expect(state('m')).toBe('closed');
    await fail('m', 1);
    expect(changes).toMatchObject([{ to: 'open', opens: 1, openForMs: 10_000 }]);
  });

  it('leave a breaker that is switched off as it is, and put it back there', () => {
    const { heard, router } = createRig({ m: { breaker: false } });
    const changes = heard('breaker.changed');
    router.reset('m').forceOpen('m').reset('m');
    expect(changes.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'forced_closed forced_open',
      'forced_open forced_closed',
    ]);
  });

  it('let every slot be used again at once, whatever was starting slowly', async () => {
    const { ask, backends, clock, fail, router } = createRig({
      m: { maxConcurrency: 4, breaker: { ...breaker, successThreshold: 1 } },
    });
    await fail('m', 2);
    await clock.advance(10_000);
    ask();
    backends.m.last.succeed();
    await settled();
    expect(router.getModelStatus()['m']!.runningLimit).toBe(1);
    router.reset('m');
    for (let count = 0; count < 4; count++) ask();
    expect(router.getModelStatus()['m']).toMatchObject({ runningLimit: 4, running: 4 });
  });
});

describe('a breaker that only observes', () => {
  it.each([
    ['consecutive', { failureThreshold: 3 }, { cause: 'failures', failures: 3 }],
    ['count', { windowSize: 4, minimumCalls: 3 }, { cause: 'failure_rate', failures: 3, total: 3 }],
    ['time', { windowMs: 60_000, minimumCalls: 3 }, { cause: 'failure_rate', failures: 3, total: 3 }],
  ] as const)('says when it would have opened (%s), begins anew, and refuses nobody', async (policy, settings, trip) => {
    const rig = createRig({ m: { breaker: { policy, observe: true, ...settings } } });
    const would = rig.heard('breaker.would_open');
    const changes = rig.heard('breaker.changed');
    await rig.fail('m', 2);
    expect(would).toEqual([]);
    await rig.fail('m', 1);
    expect(would).toMatchObject([{ model: 'm', requestId: 'req-3', trip }]);
    expect(rig.router.getModelStatus()['m']!.circuitBreaker).toMatchObject({ state: 'closed', failureCount: 0 });
    await rig.fail('m', 3);
    expect(would).toHaveLength(2);
    expect(changes).toEqual([]);
    expect(rig.backends.m.calls).toHaveLength(6);
  });
});
