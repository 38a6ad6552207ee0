import { expect, it } from 'vitest';
import { createAlarm } from '../../machines/alarm.ts';
import { MAX_TIMER_MS } from '../../src/timer-limit.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function setUp() {
  const clock = new VirtualClock();
  const rings: number[] = [];
  return { clock, rings, alarm: createAlarm(clock, (at) => rings.push(at)) };
}

it('rings once, at the time that was set last', async () => {
  const { alarm, clock, rings } = setUp();
  alarm.set(100);
  alarm.set(250);
  await clock.advance(1_000);
  expect(rings).toEqual([250]);
});

it('rings at an earlier time too', async () => {
  const { alarm, clock, rings } = setUp();
  alarm.set(500);
  alarm.set(100);
  await clock.advance(1_000);
  expect(rings).toEqual([100]);
});

it('does not ring after it was cleared, and rings when it is set again', async () => {
  const { alarm, clock, rings } = setUp();
  alarm.set(100);
  alarm.clear();
  await clock.advance(200);
  expect(rings).toEqual([]);
  alarm.set(300);
  await clock.advance(200);
  expect(rings).toEqual([300]);
});

it('keeps one timer however often it is set, and none when it is stopped', () => {
  const { alarm, clock } = setUp();
  for (let due = 1_000; due < 2_000; due++) alarm.set(due);
  expect(clock.pending).toBe(1);
  alarm.stop();
  expect(clock.pending).toBe(0);
});

it('waits longer than a timer can', async () => {
  const { alarm, clock, rings } = setUp();
  alarm.set(MAX_TIMER_MS * 2.5);
  await clock.advance(MAX_TIMER_MS * 2.5 - 1);
  expect(rings).toEqual([]);
  await clock.advance(1);
  expect(rings).toEqual([MAX_TIMER_MS * 2.5]);
});

it('rings at once for a time that has passed, and says what time it is', async () => {
  const { alarm, clock, rings } = setUp();
  await clock.advance(500);
  alarm.set(100);
  await clock.advance(0);
  expect(rings).toEqual([500]);
});

it('may be set again from within its ring', async () => {
  const clock = new VirtualClock();
  const rings: number[] = [];
  const alarm = createAlarm(clock, (at) => {
    rings.push(at);
    if (at < 30) alarm.set(at + 10);
  });
  alarm.set(10);
  await clock.advance(100);
  expect(rings).toEqual([10, 20, 30]);
  expect(clock.pending).toBe(0);
});

it('never gives a timer more than it can hold', () => {
  const given: number[] = [];
  const clock = new VirtualClock();
  const time = {
    now: clock.now,
    clearTimeout: clock.clearTimeout,
    setTimeout: (callback: () => void, ms: number) => {
      given.push(ms);
      return clock.setTimeout(callback, ms);
    },
  };
  createAlarm(time, () => {}).set(Number.MAX_SAFE_INTEGER);
  expect(given).toEqual([MAX_TIMER_MS]);
});

it('lets an early timer look and arms it for the rest', async () => {
  const { alarm, clock, rings } = setUp();
  alarm.set(100);
  alarm.set(400);
  await clock.advance(100);
  expect(rings).toEqual([]);
  expect(clock.pending).toBe(1);
  await clock.advance(300);
  expect(rings).toEqual([400]);
});

it('leaves nothing behind when it is cleared and its timer has run out', async () => {
  const { alarm, clock, rings } = setUp();
  alarm.set(100);
  alarm.clear();
  await clock.advance(100);
  expect(clock.pending).toBe(0);
  expect(rings).toEqual([]);
});
