import { expect, it } from 'vitest';
import { RecentDurations } from '../../src/inspector/recent.ts';

it('knows nothing of what was never recorded, or too long ago', () => {
  const durations = new RecentDurations();
  durations.record(10, 5);

  expect(durations.percentilesSince(11)).toEqual({ p50: null, p95: null, p99: null });
});

it('gives the nearest rank of those since a time', () => {
  const durations = new RecentDurations();
  durations.record(0, 1_000_000);
  for (let ms = 1; ms <= 100; ms++) durations.record(10, 101 - ms);

  expect(durations.percentilesSince(10)).toEqual({ p50: 50, p95: 95, p99: 99 });
});

it('of more than 512, gives those of the last 512', () => {
  const durations = new RecentDurations();
  for (let count = 0; count < 600; count++) durations.record(10, count < 88 ? 1_000 : 1);

  expect(durations.percentilesSince(0)).toEqual({ p50: 1, p95: 1, p99: 1 });
});
