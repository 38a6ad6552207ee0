import { describe, expect, it } from 'vitest';
import { activePaths, stateText } from '../../../src/inspector/web/chart/active.ts';
import { fitted, panned, viewBox, zoomed } from '../../../src/inspector/web/chart/camera.ts';
import { explained } from '../../../src/inspector/web/chart/explained.ts';
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
  const large = { width: 1_000, height: 600 };

  it('shows the whole chart with a margin, and does not blow a small one up', () => {
    expect(viewBox(large, fitted(large))).toBe('-12 -12 1024 624');
    expect(viewBox({ width: 100, height: 100 }, fitted({ width: 100, height: 100 }))).toBe('-310 -170 720 440');
  });

  it('keeps the place that is zoomed at where it is', () => {
    const before = { x: 500, y: 300, zoom: 1 };
    const after = zoomed(before, 2, { x: 100, y: 300 });

    expect((100 - after.x) * after.zoom).toBe((100 - before.x) * before.zoom);
    expect(after.zoom).toBe(2);
  });

  it('zooms within bounds and pans by what it is told', () => {
    expect(zoomed({ x: 0, y: 0, zoom: 1 }, 1_000).zoom).toBe(8);
    expect(zoomed({ x: 0, y: 0, zoom: 1 }, 0.001).zoom).toBe(0.5);
    expect(panned({ x: 1, y: 2, zoom: 3 }, 10, -10)).toEqual({ x: 11, y: -8, zoom: 3 });
  });
});

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
