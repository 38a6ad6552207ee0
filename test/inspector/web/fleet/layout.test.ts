import { expect, it } from 'vitest';
import { CARD_HEIGHT, layoutOf, SOURCE_HEIGHT } from '../../../../src/inspector/web/fleet/layout.ts';
import { routesOf } from '../../../../src/inspector/web/fleet/routes.ts';

const TWENTY = Array.from({ length: 20 }, (_, index) => `m${index}`);
const toLast = {
  name: 'urgent',
  priority: 'critical',
  match: 'priority:critical',
  targets: ['m19'],
  fallback: [],
  strategy: 'ordered',
} as const;

it('lets no card and no source overlap another, and all of them fit, with twenty models', () => {
  const routes = routesOf([toLast], TWENTY);
  const { boxes, height, width } = layoutOf(routes, 796);

  for (const [ids, size] of [
    [routes.sources.map(({ id }) => id), SOURCE_HEIGHT],
    [routes.order.map((name) => `model:${name}`), CARD_HEIGHT],
  ] as const) {
    const placed = ids.map((id) => boxes.get(id)!).sort((a, b) => a.y - b.y);
    for (const [index, box] of placed.entries()) {
      if (index > 0) expect(box.y).toBeGreaterThanOrEqual(placed[index - 1]!.y + size);
      expect(box.y + size).toBeLessThanOrEqual(height);
      expect(box.x + box.width).toBeLessThanOrEqual(width);
    }
  }
});

it('leaves room between sources and cards at every width', () => {
  for (const available of [0, 780, 900, 5_000]) {
    const { boxes } = layoutOf(routesOf([], ['a']), available);
    const source = boxes.get('priority:low')!;

    expect(boxes.get('model:a')!.x - (source.x + source.width)).toBeGreaterThanOrEqual(100);
  }
});

it('puts a source beside the model that it asks first, if its neighbours leave room', () => {
  const rules = [
    { ...toLast, targets: ['m0'] },
    { ...toLast, name: 'rest', priority: 'low', targets: ['m5'] } as const,
  ];
  const { boxes } = layoutOf(routesOf(rules, TWENTY), 800);

  const middle = (id: string, size: number): number => boxes.get(id)!.y + size / 2;

  expect(middle('priority:critical', SOURCE_HEIGHT)).toBe(middle('model:m0', CARD_HEIGHT));
});

it('keeps the order of the sources, wherever they would rather be', () => {
  const { boxes, sources } = layoutOf(routesOf([toLast], TWENTY), 800);

  const places = sources.map((id) => boxes.get(id)!.y);

  expect(places).toEqual([...places].sort((a, b) => a - b));
});
