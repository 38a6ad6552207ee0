import { expect, it } from 'vitest';
import type { DeadlineError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

it('tells of a request whose time runs out while it waits where it waited and for how long', async () => {
  const { ask, backends, clock } = createRig({ down: {}, busy: { maxConcurrency: 1 } });
  ask({ model: 'busy' });
  const waiting = ask({ timeoutMs: 500 });
  await clock.advance(100);
  backends.down.last.fail();
  await settled();
  await clock.advance(400);

  const error = waiting.error as DeadlineError;
  expect(error.code).toBe('deadline_exceeded');
  expect(error.trace?.candidates).toMatchObject([
    { model: 'down', verdict: 'failed' },
    { model: 'busy', verdict: 'cancelled', waitedMs: 400, attempts: [] },
  ]);
});

it('forgets the deadline of a request that is settled', async () => {
  const { ask, backends, clock, heard } = createRig({ m: {} });
  const dropped = heard('event.dropped');
  ask({ timeoutMs: 500 });
  backends.m.last.succeed();
  await clock.advance(1_000);
  expect(dropped).toEqual([]);
});

it('forgets the grace of a model that was gone before', async () => {
  const sent: string[] = [];
  const { clock, router } = createRig(
    { m: {}, spare: {} },
    { inspect: (event) => void (event.type === '@xstate.event' && sent.push(event.event.type)) },
  );
  await router.removeModel('m', { graceMs: 500 });
  sent.length = 0;
  await clock.advance(1_000);
  expect(sent).toEqual([]);
});
