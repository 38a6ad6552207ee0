import { describe, expect, it } from 'vitest';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const SERVICE_MS = 50;
/** Four times what a healthy call takes is less than the floor. */
const SILENT_MS = 250;
const models = { m: {}, spare: {} };

/** A model that has answered often enough that it is known what is usual. */
async function healthy(given: Parameters<typeof createRig>[0] = models, options: object = {}) {
  const rig = createRig(given as typeof models, options);
  for (let count = 0; count < 20; count++) {
    rig.ask({ model: 'm' });
    await rig.clock.advance(SERVICE_MS);
    rig.backends.m.last.succeed();
    await settled();
  }
  return rig;
}

describe('a provider that accepts and never answers', () => {
  it('opens its breaker at the fifth silent call, and all that have had nothing move on', async () => {
    const { ask, backends, breaker, clock, heard } = await healthy();
    const changes = heard('breaker.changed');
    const failures = heard('attempt.failed');
    const asked = [];
    for (let count = 0; count < 7; count++) {
      asked.push(ask());
      await clock.advance(10);
    }
    // Seven are in flight; the fifth began 40 ms after the first.
    await clock.advance(SILENT_MS + 40 - 70 - 1);
    expect(breaker('m')).toBe('closed');
    await clock.advance(1);
    expect(breaker('m')).toBe('open');
    expect(changes).toMatchObject([{ cause: 'silence', trip: { cause: 'silence', failures: 5, slow: 0, total: 7 } }]);
    expect(failures.map(({ code }) => code)).toEqual(Array.from({ length: 7 }, () => 'provider_silent'));
    expect(backends.spare.calls).toHaveLength(7);
    for (const call of backends.spare.calls) call.succeed();
    await settled();
    expect(asked.map(({ answer }) => answer?.modelUsed)).toEqual(Array.from({ length: 7 }, () => 'spare'));
    expect(backends.m.calls.slice(-7).every(({ context }) => context.signal.aborted)).toBe(true);
  });

  it('is left to finish what its callers have had something of', async () => {
    const { ask, watch, backends, breaker, clock } = await healthy();
    const watched = watch({ model: 'm' });
    await settled();
    backends.m.lastStream.push('once');
    await clock.advance(1);
    for (let count = 0; count < 5; count++) ask();
    await clock.advance(SILENT_MS);
    expect(breaker('m')).toBe('open');
    backends.m.lastStream.push(' upon');
    backends.m.lastStream.end();
    await settled();
    expect(watched).toMatchObject({ text: 'once upon', answer: { modelUsed: 'm' } });
  });

  it('is not silent while any call shows life: a stream that flows, an answer, a refusal', async () => {
    const { ask, watch, backends, breaker, clock } = await healthy();
    watch({ model: 'm' });
    await settled();
    backends.m.lastStream.push('once');
    await clock.advance(1);
    for (let count = 0; count < 9; count++) ask();
    for (let ms = 0; ms < 1_000; ms += 100) {
      await clock.advance(100);
      backends.m.lastStream.push('.');
      await settled();
    }
    expect(breaker('m')).toBe('closed');
    expect(backends.spare.calls).toHaveLength(0);
  });

  it('is known as one again behind calls that hang for good', async () => {
    const { ask, backends, breaker, clock } = await healthy();
    for (let count = 0; count < 4; count++) ask();
    await clock.advance(1_000);
    ask({ model: 'm' });
    backends.m.last.succeed();
    await clock.advance(1);
    expect(breaker('m')).toBe('closed');
    for (let count = 0; count < 4; count++) ask();
    await clock.advance(SILENT_MS);
    expect(breaker('m')).toBe('closed');
    ask();
    await clock.advance(SILENT_MS);
    expect(breaker('m')).toBe('open');
  });

  it('is waited out as long as too little is known, without a breaker, or when the option says so', async () => {
    const options = [{}, { breaker: { silenceFactor: null } }, { breaker: false as const }];
    for (const [index, given] of options.entries()) {
      const rig = index === 0 ? createRig(models) : await healthy({ m: given, spare: {} });
      for (let count = 0; count < 9; count++) rig.ask();
      await rig.clock.advance(59_000);
      expect(rig.backends.spare.calls).toHaveLength(0);
    }
  });

  it('is announced and not left when its breaker only observes, once for as many silent calls', async () => {
    const { ask, breaker, clock, heard } = await healthy({ m: { breaker: { observe: true } }, spare: {} });
    const announced = heard('breaker.would_open');
    for (let count = 0; count < 9; count++) ask();
    await clock.advance(SILENT_MS);
    expect(announced).toMatchObject([{ trip: { cause: 'silence', failures: 5, total: 9 } }]);
    ask();
    await clock.advance(SILENT_MS);
    expect(announced).toMatchObject([{}, { trip: { failures: 5, total: 10 } }]);
    expect(breaker('m')).toBe('closed');
  });

  it('costs no request, few calls and little time in an outage under load', async () => {
    const rig = await healthy({ m: { attemptTimeoutMs: 1_000 }, spare: {} });
    const { clock, backends, router } = rig;
    const latencies: { at: number; ms: number }[] = [];
    let failed = 0;
    const answer = (): void => {
      for (const call of backends.spare.calls) call.succeed();
    };
    const start = clock.now();
    const before = backends.m.calls.length;
    for (let count = 0; count < 400; count++) {
      const at = clock.now() - start;
      router.generate('hi').then(
        ({ latencyMs }) => void latencies.push({ at, ms: latencyMs }),
        () => void failed++,
      );
      clock.setTimeout(answer, SERVICE_MS);
      await clock.advance(5);
    }
    await clock.advance(2_000);
    answer();
    await settled();
    expect([failed, latencies.length]).toEqual([0, 400]);
    expect(backends.m.calls.length - before).toBeLessThan(100);
    const late = latencies.filter(({ at }) => at >= 500).map(({ ms }) => ms);
    expect(Math.max(...late)).toBeLessThan(150);
  });
});
