import { describe, expect, it } from 'vitest';
import type { Box } from '../../../src/inspector/chart/placed-chart.ts';
import { activePaths, stateText } from '../../../src/inspector/web/chart/active.ts';
import {
  filled,
  fitted,
  isReadable,
  panned,
  revealing,
  showsAll,
  viewBox,
  viewed,
  zoomed,
} from '../../../src/inspector/web/chart/camera.ts';
import { explained } from '../../../src/inspector/web/chart/explained.ts';
import { entryOf, partsOf } from '../../../src/inspector/web/chart/reading-order.ts';
import { chartOf } from './support.ts';

const STATE = { breaker: 'half_open', queue: 'probing', control: 'active' };

describe('a state value', () => {
  it('names every state that is active, the regions and the root too', () => {
    expect([...activePaths(STATE)].toSorted()).toEqual([
      '',
      'breaker',
      'breaker.half_open',
      'control',
      'control.active',
      'queue',
      'queue.probing',
    ]);
    expect([...activePaths('ready')]).toEqual(['', 'ready']);
    expect([...activePaths(null)]).toEqual([]);
  });

  it('is told in words', () => {
    expect(stateText(STATE)).toBe('half open · probing · active');
    expect(stateText(null)).toBe('');
  });
});

describe('the camera', () => {
  const large = { width: 1_400, height: 1_000 };
  const stage = { width: 840, height: 510 };
  const region = { x: 14, y: 34, width: 1_300, height: 400 };

  it('shows the whole chart with a margin, and does not blow a small one up', () => {
    const whole = fitted(large, stage);

    expect(showsAll(whole, large, stage)).toBe(true);
    expect(showsAll(zoomed(whole, 1.1), large, stage)).toBe(false);
    expect(viewBox(fitted({ width: 100, height: 100 }, stage), stage)).toBe('-230 -120 560 340');
  });

  it('knows whether the whole chart can be read', () => {
    expect(isReadable(large, stage)).toBe(false);
    expect(isReadable(large, { width: 1_280, height: 900 })).toBe(true);
  });

  it('fills the place with a region, in the middle when all of it has room', () => {
    const { x, y, scale } = filled({ ...region, width: 800 }, stage);

    expect([x, y]).toEqual([414, 234]);
    expect(scale * 812).toBeCloseTo(840);
  });

  it.each([
    stage,
    { width: 390, height: 388 },
  ])('never makes a region too small to read, and begins at its beginning (%o)', (place) => {
    const camera = filled(region, place);

    expect(11 * camera.scale).toBeCloseTo(9);
    expect(viewed(camera, place).x).toBeCloseTo(region.x - 6);
  });

  it('brings into view what lies outside, and does not move for what is in view', () => {
    const camera = { x: 500, y: 300, scale: 1 };

    expect(revealing(camera, { x: 400, y: 250, width: 100, height: 40 }, stage)).toEqual(camera);
    expect(revealing(camera, { x: 1_000, y: 0, width: 100, height: 40 }, stage)).toEqual({ x: 686, y: 249, scale: 1 });
    expect(viewed(revealing(camera, { x: 0, y: 0, width: 1_400, height: 1_000 }, stage), stage)).toMatchObject({
      x: -6,
      y: -6,
    });
  });

  it('keeps the place that is zoomed at where it is', () => {
    const before = { x: 500, y: 300, scale: 1 };
    const after = zoomed(before, 2, { x: 100, y: 300 });

    expect((100 - after.x) * after.scale).toBe((100 - before.x) * before.scale);
    expect(after.scale).toBe(2);
  });

  it('zooms within bounds and pans by what it is told', () => {
    expect(zoomed({ x: 0, y: 0, scale: 1 }, 1_000).scale).toBe(4);
    expect(zoomed({ x: 0, y: 0, scale: 1 }, 0.001).scale).toBe(0.1);
    expect(panned({ x: 1, y: 2, scale: 3 }, 10, -10)).toEqual({ x: 11, y: -8, scale: 3 });
  });
});

describe('the order in which parts are reached', () => {
  it('has every part once, region by region, and in each from the top to the bottom', async () => {
    const chart = await chartOf('model');

    const parts = partsOf(chart);

    const regions = parts.filter(({ name }) => /^node model(\.\w+)?$/.test(name)).map(({ name }) => name);
    expect(new Set(parts.map(({ name }) => name)).size).toBe(
      chart.nodes.length + chart.arrows.filter(({ label }) => label !== null).length,
    );
    expect(regions).toEqual(['node model', 'node model.breaker', 'node model.control', 'node model.queue']);
    const queue = parts.slice(parts.findIndex(({ name }) => name === 'node model.queue'));
    const heights = queue.map(({ box }) => box.y);
    expect(heights).toEqual(heights.toSorted((a, b) => a - b));
  });

  it('is entered at the first active state, and rather at one that is shown', async () => {
    const chart = await chartOf('model');
    const parts = partsOf(chart);
    const queue = chart.nodes.find(({ id }) => id === 'model.queue')!;

    const entry = (value: typeof STATE | null, shown: Box): string => entryOf(chart, parts, activePaths(value), shown);

    expect(entry(STATE, { x: 0, y: 0, width: 9_999, height: 9_999 })).toBe('node model.breaker.half_open');
    expect(entry(STATE, queue)).toBe('node model.queue.probing');
    expect(entry(null, queue)).toBe('node model');
  });
}, 120_000);

describe('an explanation', () => {
  it('has what the definition says of a state and of all that happens in it', async () => {
    const shown = explained(await chartOf('model'), 'node model.queue.blocked');

    expect(shown?.description).toBe('The breaker is open: every request goes back at once.');
    expect(shown?.edges.map(({ event }) => event)).toEqual(expect.arrayContaining(['request', 'breaker.opened']));
  });

  it('has every transition of an arrow, those that its label has no room for too', async () => {
    const shown = explained(await chartOf('model'), 'arrow model.queue.full > model.queue.advancing');

    expect(shown?.title).toBe('full → advancing');
    expect(shown?.edges.length).toBeGreaterThan(5);
  });

  it('is none for what the chart has not', async () => {
    const chart = await chartOf('cache');

    expect([explained(chart, null), explained(chart, 'node nothing'), explained(chart, 'arrow nothing')]).toEqual([
      null,
      null,
      null,
    ]);
  });
}, 120_000);
