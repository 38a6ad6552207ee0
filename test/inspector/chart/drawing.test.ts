import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { layOut } from '../../../scripts/layout.mjs';
import { bundle } from '../../../src/inspector/chart/bundle.ts';
import { graphOf } from '../../../src/inspector/chart/graph.ts';
import type { Chart } from '../../../src/inspector/chart/placed-chart.ts';
import { Drawing, short } from '../../../src/inspector/web/chart/drawing.tsx';
import { svgFile } from '../../../src/inspector/web/chart/svg-file.tsx';
import { escaped, svgText } from '../../../src/inspector/web/chart/svg-text.ts';
import { chartOf, NAMES } from './support.ts';

const sheet = (name: string): string =>
  readFileSync(new URL(`../../../src/inspector/web/${name}`, import.meta.url), 'utf8');
const SHEETS = { tokens: sheet('style/tokens.css'), drawing: sheet('chart/drawing.css') };
const STILL = { active: null, counts: {}, fired: {} };
const draw = (chart: Chart, shown: Partial<typeof STILL | { active: object }> = {}): string =>
  svgText(Drawing({ chart, ...STILL, ...shown } as Parameters<typeof Drawing>[0]));

describe.each(NAMES)('the drawing of the %s chart', (name) => {
  let chart: Chart;
  beforeAll(async () => {
    chart = await chartOf(name);
  }, 120_000);

  it('has every state and every bundled edge', () => {
    const svg = draw(chart);

    const missing = [
      ...chart.nodes.map(({ id }) => `data-part="node ${escaped(id)}"`),
      ...chart.arrows.filter(({ label }) => label !== null).map(({ id }) => `data-part="arrow ${escaped(id)}"`),
      ...chart.arrows.map(({ path }) => `d="${path}"`),
    ].filter((part) => !svg.includes(part));

    expect(missing).toEqual([]);
  });

  it('keeps every place whatever is active, counted or fired', () => {
    const places = (svg: string): string[] => svg.match(/ (?:transform|d)="[^"]+"/g) ?? [];
    const edges = chart.edges.map(({ id }) => id);
    const busy = {
      counts: Object.fromEntries(edges.map((id) => [id, 12_345])),
      active: { breaker: 'open', queue: 'blocked', control: 'active' },
    };

    expect(places(draw(chart, busy))).toEqual(places(draw(chart)));
  });
});

describe('a drawing', () => {
  let model: Chart;
  beforeAll(async () => {
    model = await chartOf('model');
  }, 120_000);

  it('lights the active states and no other, and says so in a word', () => {
    const svg = draw(model, { active: { breaker: 'open', queue: 'blocked', control: 'active' } } as never);

    const lit = [...svg.matchAll(/class="node [^"]*lit" data-state="([^"]+)"/g)].map(([, name]) => name);

    expect(lit.sort()).toEqual(['active', 'blocked', 'breaker', 'control', 'model', 'open', 'queue']);
    expect(svg.match(/>now</g)).toHaveLength(3);
  });

  it('counts on a line all the transitions that it stands for', () => {
    const shared = model.nodes.flatMap(({ lines }) => lines).find(({ text }) => text === 'breaker.reset')!;

    const svg = draw(model, { counts: Object.fromEntries(shared.edges.map((id) => [id, 2])) });

    expect(shared.edges.length).toBeGreaterThan(1);
    expect([...svg.matchAll(/class="count"[^>]*>([^<]+)</g)].map(([, count]) => count)).toEqual([
      String(2 * shared.edges.length),
    ]);
  });

  it('is one stop of the Tab key on the page, and none in a file', () => {
    const drawn = (tabStop?: string): string => svgText(Drawing({ chart: model, ...STILL, tabStop }));

    expect(drawn('node model.queue').match(/<[^>]* tabindex="0"/g)).toEqual([
      expect.stringContaining('data-part="node model.queue"'),
    ]);
    expect(drawn()).not.toContain('tabindex');
  });

  it('flashes the arrow of an edge that has fired', () => {
    const edge = model.edges.find(({ event, targets }) => event === 'silence.noticed' && targets.length > 0)!;

    expect(draw(model)).not.toContain('class="fired"');
    expect(draw(model, { fired: { [edge.id]: 5 } }).match(/<g class="fired"/g) ?? []).toHaveLength(1);
  });

  it('is a whole file that tells what it shows and follows light and dark', () => {
    const svg = svgFile({ chart: model, ...STILL }, { title: 'A title', description: 'What it shows' }, SHEETS);

    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" /);
    expect(svg).toContain('<title id="title">A title</title><desc id="desc">What it shows</desc>');
    expect(svg).toContain('@media (prefers-color-scheme:dark)');
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/light-dark|https?:|url\(|tabindex/);
  });

  it('takes hostile names for text', async () => {
    const hostile = '<script>alert("1")</script>';
    const graph = graphOf(
      createMachine({
        id: 'm',
        initial: 'a',
        states: { a: { on: { '<img src=x onerror=y>': hostile } }, [hostile]: {} },
      }),
    );

    const svg = svgFile(
      { chart: await layOut(graph, bundle(graph)), ...STILL },
      { title: hostile, description: hostile },
      SHEETS,
    );

    expect(svg).toContain('&lt;script&gt;');
    expect(svg).not.toMatch(/<script|<img|="[^"]*[<>]/);
  });
});

it.each([
  [999, '999'],
  [1_000, '1.0k'],
  [9_960, '10k'],
  [999_400, '999k'],
  [999_500, '1.0M'],
  [12_000_000, '12M'],
])('%i is written as %s', (count, text) => {
  expect(short(count)).toBe(text);
});
