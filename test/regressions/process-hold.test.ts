import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { rejectionOf } from '../support/leaks.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';

/** Timers that keep this process alive; the test runner has some of its own. */
const holding = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('a router under the process’s own clock', () => {
  it('P23 holds the process only while a request is pending, never for a breaker, a limit or a parked deadline', async () => {
    const before = holding();
    const backend = new ScriptedBackend();
    const router = new LLMRouter();
    router.addModel('m', { backend, breaker: { failureThreshold: 1 } });
    router.addModel('limited', { backend });
    expect(holding()).toBe(before);

    const answer = router.generate('hi');
    expect(holding()).toBe(before + 1);
    backend.last.succeed();
    await answer;
    expect(holding()).toBe(before);

    const refused = rejectionOf(router.generate('hi', { model: 'limited', timeoutMs: 100 }));
    backend.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 60_000 }));
    await refused;
    const failed = rejectionOf(router.generate('hi', { model: 'm' }));
    backend.last.fail();
    await failed;
    expect(router.getModelStatus()['m']!.circuitBreaker.state).toBe('open');
    expect(router.getModelStatus()['limited']!.limitedUntil).not.toBeNull();
    expect(holding()).toBe(before);

    const controller = new AbortController();
    const parked = rejectionOf(
      router.generate('hi', { model: 'm', whenUnavailable: 'wait', signal: controller.signal }),
    );
    expect(holding()).toBe(before + 1);
    controller.abort('left');
    await parked;
    expect(holding()).toBe(before);
    await router.stop();
    expect(holding()).toBe(before);
  });

  it('P23 sets no timer that keeps the process alive', () => {
    const handle = systemClock.setTimeout(() => {}, 60_000) as NodeJS.Timeout;
    expect(handle.hasRef()).toBe(false);
    systemClock.clearTimeout(handle);
  });
});
