import { describe, expect, it } from 'vitest';
import { ticksOf } from '../../../../src/inspector/web/timeline/ticks.ts';

const NOON = Date.UTC(2026, 5, 1, 12, 0, 0);
const labels = (...given: Parameters<typeof ticksOf>): string[] => ticksOf(...given).map(({ label }) => label);

describe('the times over the lanes', () => {
  it('are round, and as close as there is room', () => {
    expect(labels(NOON + 7_000, NOON + 190_000, 40_000, 0)).toEqual(['12:01', '12:02', '12:03']);
    expect(labels(NOON + 7_000, NOON + 32_000, 6_000, 0)).toEqual(['12:00:10', '12:00:20', '12:00:30']);
  });

  it("are round in the viewer's own zone", () => {
    expect(labels(NOON, NOON + 2_400_000, 900_000, -345)).toEqual(['17:45', '18:00', '18:15']);
    expect(labels(NOON, NOON + 3_600_000, 1_800_000, -345)).toEqual(['18:00', '18:30']);
    expect(labels(NOON, NOON + 3_600_000, 1_800_000, 300)).toEqual(['07:00', '07:30', '08:00']);
  });
});
