import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TimerCommand, TimerDueEvent } from '../../machines/events.ts';
import { createTimersLogic } from '../../machines/timers.logic.ts';
import { startUnderParent } from '../support/parent.ts';
import { slipWith } from '../support/slips.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function setUp() {
  const clock = new VirtualClock();
  const { heard, send, stop } = startUnderParent<TimerDueEvent>(createTimersLogic(clock));
  const set = (key: string, due: number, kind: 'deadline' | 'grace' = 'grace') =>
    send({ type: 'timer.set', kind, key, due, slip: slipWith({ seq: 1, id: key }) } satisfies TimerCommand);
  const clear = (key: string) => send({ type: 'timer.clear', kind: 'grace', key } satisfies TimerCommand);
  return { clock, heard, set, clear, send, stop, due: () => heard.map(({ key, at }) => `${key}@${at}`) };
}

it('says what is due in order of time, then of setting', async () => {
  const { clock, due, set } = setUp();
  set('late', 30);
  set('first', 10);
  set('second', 10);
  set('middle', 20);
  await clock.advance(100);
  expect(due()).toEqual(['first@10', 'second@10', 'middle@20', 'late@30']);
});

it('replaces what is set again, and forgets what is cleared', async () => {
  const { clear, clock, due, set } = setUp();
  set('moved', 10);
  set('gone', 15);
  set('moved', 20);
  clear('gone');
  clear('never there');
  await clock.advance(100);
  expect(due()).toEqual(['moved@20']);
});

it('keeps kinds apart and hands a deadline its request', async () => {
  const { clock, heard, set } = setUp();
  set('x', 10, 'deadline');
  set('x', 20, 'grace');
  await clock.advance(100);
  expect(heard).toMatchObject([
    { type: 'timer.due', kind: 'deadline', key: 'x', slip: { id: 'x' }, at: 10 },
    { type: 'timer.due', kind: 'grace', key: 'x', at: 20 },
  ]);
});

it('holds one timer of the clock for ten thousand times, and none when it is stopped', () => {
  const { clock, set, stop } = setUp();
  for (let index = 0; index < 10_000; index++) set(`k${index}`, 1_000 + ((index * 7_919) % 10_000));
  expect(clock.pending).toBe(1);
  stop();
  expect(clock.pending).toBe(0);
});

it('agrees with a sorted list under any settings and clearings', async () => {
  const commands = fc.array(
    fc.record({ key: fc.integer({ min: 0, max: 30 }), due: fc.integer({ min: 1, max: 50 }), clears: fc.boolean() }),
    { maxLength: 120 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (list) => {
      const { clear, clock, due, set } = setUp();
      const model = new Map<string, { due: number; order: number }>();
      list.forEach(({ key, due: at, clears }, order) => {
        const name = `k${key}`;
        model.delete(name);
        if (clears) clear(name);
        else {
          set(name, at);
          model.set(name, { due: at, order });
        }
      });
      await clock.advance(100);
      const expected = [...model].sort(([, a], [, b]) => a.due - b.due || a.order - b.order);
      expect(due()).toEqual(expected.map(([name, { due: at }]) => `${name}@${at}`));
    }),
    { numRuns: 100 },
  );
});
