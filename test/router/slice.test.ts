import { expect, it } from 'vitest';
import { LLMRouter } from '../../src/router.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

it('answers a prompt', async () => {
  const clock = new VirtualClock();
  const router = new LLMRouter({ clock, seed: 1 });
  const a = new ScriptedBackend();
  const b = new ScriptedBackend();
  router.addModel('a', {
    backend: a,
    maxConcurrency: 1,
    maxQueueDepth: 2,
    breaker: { failureThreshold: 2, recoveryTimeoutMs: 1000, openJitter: 0 },
  });
  router.addModel('b', { backend: b });
  router.addRoute('normal', { targets: ['a'], fallback: ['b'] });
  router.on('breaker.changed', (e) => console.log(e));
  const one = router.generate('hi');
  a.last.succeed();
  const x = await one;
  console.log(JSON.stringify(x, null, 1));
  const two = router.generate('hi');
  const three = router.generate('ho');
  const four = router.generate('hu');
  a.last.fail();
  await settled();
  b.calls[0]!.succeed();
  b.calls[1]!.succeed();
  a.last.fail();
  await settled();
  b.last.succeed();
  console.log(JSON.stringify((await Promise.all([two, three, four])).map((x) => x.trace)));
  console.log(JSON.stringify(router.getModelStatus(), null, 1), router.getStats());
  await clock.advance(1000);
  const five = router.generate('hi');
  a.last.succeed();
  console.log((await five).modelUsed);
  const ac = new AbortController();
  const six = router.generate('x', { signal: ac.signal });
  ac.abort('stop');
  await expect(six).rejects.toBe('stop');
  const seven = router.generate('x', { timeoutMs: 50, model: 'b' });
  const e = seven.catch((e) => e);
  await clock.advance(50);
  console.log(await e);
  await clock.advance(2000);
  await router.stop();
  expect(clock.pending).toBe(0);
});
