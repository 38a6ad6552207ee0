import { expect, it, onTestFinished, vi } from 'vitest';
import { VirtualClock } from '../../../src/verify/testing/virtual-clock.ts';

it('stands still until it is told to move', async () => {
  const clock = new VirtualClock(5);
  const rung: number[] = [];
  clock.setTimeout(() => rung.push(clock.now()), 10);
  await clock.advance(9);
  expect(rung).toEqual([]);
  expect(clock.now()).toBe(14);
  await clock.advance(1);
  expect(rung).toEqual([15]);
});

it('steps through every timer in order of time, then of setting, those that are set on the way included', async () => {
  const clock = new VirtualClock();
  const rung: string[] = [];
  const set = (name: string, ms: number) => clock.setTimeout(() => rung.push(`${name}@${clock.now()}`), ms);
  set('late', 30);
  set('first', 10);
  set('second', 10);
  clock.setTimeout(() => set('on the way', 5), 10);
  set('negative', -1);
  await clock.advance(40);
  expect(rung).toEqual(['negative@0', 'first@10', 'second@10', 'on the way@15', 'late@30']);
});

it('lets promise reactions run before it moves, and after each timer', async () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  Promise.resolve()
    .then(() => {})
    .then(() => order.push('reaction'));
  clock.setTimeout(() => {
    order.push('timer');
    Promise.resolve()
      .then(() => {})
      .then(() => order.push('its reaction'));
  }, 1);
  clock.setTimeout(() => order.push('next timer'), 1);
  await clock.advance(1);
  expect(order).toEqual(['reaction', 'timer', 'its reaction', 'next timer']);
});

it('does not ring a timer that was cleared, and no other in its place', async () => {
  const clock = new VirtualClock();
  const rung: number[] = [];
  const handles = Array.from({ length: 100 }, (_, index) =>
    clock.setTimeout(() => rung.push(index), (index * 37) % 10),
  );
  handles.filter((_, index) => index % 3 !== 0).forEach(clock.clearTimeout);
  expect(clock.pending).toBe(34);
  await clock.advance(10);
  expect(rung).toEqual(
    Array.from({ length: 34 }, (_, index) => index * 3).sort((a, b) => ((a * 37) % 10) - ((b * 37) % 10) || a - b),
  );
  expect(clock.pending).toBe(0);
});

it('takes it for nothing to clear what has rung, was cleared, or was never set', async () => {
  const clock = new VirtualClock();
  const rung = clock.setTimeout(() => {}, 0);
  await clock.advance(0);
  clock.setTimeout(() => {}, 0);
  clock.clearTimeout(rung);
  clock.clearTimeout(undefined);
  clock.clearTimeout(null);
  clock.clearTimeout(7);
  expect(clock.pending).toBe(1);
});

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('does not go back, nor to no time at all: %s', async (ms) => {
  const clock = new VirtualClock();

  await expect(clock.advance(ms)).rejects.toThrow(
    `advance(): given ${ms}; accepted: a finite number of milliseconds, 0 or more`,
  );
  expect(clock.now()).toBe(0);
});

it.each([
  [100, 50, []],
  [50, 100, []],
  [100, 50, [30, 70]],
  [50, 100, [30, 70]],
])('moved by %s and by %s at once, stands where the longer one ends', async (one, other, times) => {
  const clock = new VirtualClock();
  const rung: number[] = [];
  for (const ms of [...times, 110]) clock.setTimeout(() => rung.push(clock.now()), ms);

  await Promise.all([clock.advance(one), clock.advance(other)]);

  expect(clock.now()).toBe(100);
  expect(rung).toEqual(times);
});

it('moves beside the fake timers of a test runner, and fakes none itself', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const clock = new VirtualClock();
  let rung = false;
  clock.setTimeout(() => (rung = true), 10);
  await clock.advance(10);
  expect(rung).toBe(true);
});
