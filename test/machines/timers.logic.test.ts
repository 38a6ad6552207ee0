import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TimerCommand, TimerDueEvent } from '../../machines/events.ts';
import { createTimersLogic } from '../../machines/timers.logic.ts';
import { nextRandom } from '../../src/random.ts';
import { MAX_TIMER_MS } from '../../src/timer-limit.ts';
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

it('agrees with a sorted list when ten thousand times are set and half of them are cleared or moved', async () => {
  const { clear, clock, due, set } = setUp();
  const model = new Map<string, { due: number; order: number }>();
  let seed = 42;
  const draw = (below: number): number => {
    const next = nextRandom(seed);
    seed = next.seed;
    return Math.floor(next.value * below);
  };
  const put = (name: string, order: number): void => {
    const at = 1 + draw(50_000);
    set(name, at);
    model.set(name, { due: at, order });
  };
  for (let order = 0; order < 10_000; order++) put(`k${order}`, order);
  for (let order = 10_000; order < 15_000; order++) {
    const name = `k${draw(10_000)}`;
    if (draw(4) === 0) put(name, order);
    else {
      clear(name);
      model.delete(name);
    }
  }
  await clock.advance(60_000);
  const expected = [...model].sort(([, a], [, b]) => a.due - b.due || a.order - b.order);
  expect(expected.length).toBeGreaterThan(5_000);
  expect(due()).toEqual(expected.map(([name, { due: at }]) => `${name}@${at}`));
  expect(clock.pending).toBe(0);
});

it('waits longer than a timer of the clock can', async () => {
  const { clock, due, set } = setUp();
  set('far', 2 * MAX_TIMER_MS + 5);
  await clock.advance(2 * MAX_TIMER_MS + 4);
  expect(due()).toEqual([]);
  await clock.advance(1);
  expect(due()).toEqual([`far@${2 * MAX_TIMER_MS + 5}`]);
});

it('says at once what is due already, and what is late with the time that it is', async () => {
  const { clock, due, set } = setUp();
  await clock.advance(100);
  set('late', 40);
  set('now', 100);
  await clock.advance(0);
  expect(due()).toEqual(['late@100', 'now@100']);
});

it('sets the earliest time again after the one before it is cleared', async () => {
  const { clear, clock, due, set } = setUp();
  set('early', 10);
  set('late', 90);
  clear('early');
  await clock.advance(89);
  expect(due()).toEqual([]);
  await clock.advance(1);
  expect(due()).toEqual(['late@90']);
});

it('says nothing after it is stopped', async () => {
  const { clock, due, set, stop } = setUp();
  set('x', 10);
  stop();
  await clock.advance(100);
  expect(due()).toEqual([]);
  expect(clock.pending).toBe(0);
});
