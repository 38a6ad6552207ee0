import { expect, it } from 'vitest';
import { BackendError } from '/work/main/src/errors.ts';
import { createRig } from '/work/main/test/support/rig.ts';
import { settled } from '/work/main/test/support/virtual-clock.ts';

it('restore over a limit', async () => {
  const rig = createRig({ m: {} });
  const fresh = rig.router.snapshot();
  rig.ask(); rig.backends.m.last.fail(new BackendError('x', { status: 429, retryAfterMs: 5000 }));
  await settled();
  rig.router.restore(fresh);
  await rig.clock.advance(10_000);
  const r = rig.ask(); await settled();
  console.log('A', rig.router.getModelStatus()['m']!.queueState, r.code, rig.backends.m.calls.length);
});
it('restored forced open', async () => {
  const rig = createRig({ m: {} });
  rig.router.forceOpen('m');
  const snap = rig.router.snapshot();
  const two = createRig({ m: {} });
  two.router.restore(snap);
  const r = two.ask(); await settled();
  console.log('B', (r.error as any).retryAfterMs, (r.error as any).candidates);
});
it('deep', async () => {
  const rig = createRig({ m: { breaker: { policy: 'count', windowSize: 10, minimumCalls: 5 } } });
  await rig.fail('m', 2);
  const snap = rig.router.snapshot() as any;
  snap.models.m.window.words[0] = 0; snap.models.m.window.tally.failures = 0; 
  console.log('C', JSON.stringify(rig.router.snapshot()));
});
it('limit breaker off', async () => {
  const rig = createRig({ m: { breaker: false } });
  rig.ask(); rig.backends.m.last.fail(new BackendError('x', { status: 429, retryAfterMs: 50000 }));
  await settled();
  const two = createRig({ m: { breaker: false } });
  two.router.restore(rig.router.snapshot());
  console.log('D', rig.router.getModelStatus()['m']!.limitedUntil, two.router.getModelStatus()['m']!.limitedUntil);
});
it('time slices in the future', async () => {
  const rig = createRig({ m: { breaker: { policy: 'time', minimumCalls: 10 } } });
  await rig.fail('m', 9);
  const snap = rig.router.snapshot();
  const two = createRig({ m: { breaker: { policy: 'time', minimumCalls: 10 } } });
  const w = two.clock.wallNow; (two.clock as any).wallNow = () => w() - 3_600_000;
  two.router.restore(snap);
  await two.clock.advance(600_000);
  console.log('E', two.router.getModelStatus()['m']!.circuitBreaker.failureCount);
});
it('garbage tally', async () => {
  const rig = createRig({ m: { breaker: { policy: 'count' } } });
  const snap = JSON.parse(JSON.stringify(rig.router.snapshot()));
  snap.models.m.window.tally = { total: 0, failures: 50, slow: 3 };
  try { rig.router.restore(snap); console.log('F accepted', rig.router.getModelStatus()['m']!.circuitBreaker.failureCount); } catch (e) { console.log('F refused'); }
});
it('parked overtaken', async () => {
  const rig = createRig({ m: { maxConcurrency: 1 } });
  rig.ask({}, 'first'); rig.backends.m.last.fail(new BackendError('x', { status: 429, retryAfterMs: 30000 }));
  await settled();
  rig.router.pause('m');
  await rig.clock.advance(1000);
  rig.ask({ whenUnavailable: 'wait' }, 'A');
  await rig.clock.advance(1000);
  rig.router.resume('m');
  await rig.clock.advance(1000);
  rig.ask({ whenUnavailable: 'wait' }, 'D');
  await rig.clock.advance(30000);
  rig.backends.m.last.succeed(); await settled();
  rig.backends.m.last.succeed(); await settled();
  console.log('G', rig.backends.m.calls.map(c => c.request.prompt));
});
it('turns', async () => {
  const rig = createRig({ m: {}, n: {} });
  for (let i = 0; i < 50; i++) { rig.router.addRoute({ metadata: { k: `${i}` } }, { name: `r${i}`, targets: ['m', 'n'], strategy: 'round-robin' }); rig.ask({ model: `r${i}` }); rig.router.removeRoute(`r${i}`); }
  console.log('H', Object.keys(rig.router.actor.getSnapshot().context.strategies.turns).length);
});
it('observe restore', async () => {
  const rig = createRig({ m: { breaker: { failureThreshold: 1 } } });
  await rig.fail('m', 1);
  const two = createRig({ m: { breaker: { observe: true } } });
  two.router.restore(rig.router.snapshot());
  console.log('I', two.breaker('m'));
});
