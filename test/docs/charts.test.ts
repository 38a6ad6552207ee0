import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mermaidOf } from '../../src/inspector/chart/mermaid.ts';
import { documentOf } from '../../src/inspector/web/chart/document.ts';
import { chartOf, NAMES } from '../inspector/chart/support.ts';

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it.each(NAMES)('docs/internals has the %s chart as it is defined', async (name) => {
  const sheets = {
    tokens: text('src/inspector/web/style/tokens.css'),
    drawing: text('src/inspector/web/chart/drawing.css'),
  };
  const chart = await chartOf(name);

  expect(text(`docs/internals/${name}.svg`) === documentOf(chart, sheets), 'the drawing: npm run docs:charts').toBe(
    true,
  );
  expect(text(`docs/internals/${name}.mmd`)).toBe(mermaidOf(chart));
}, 120_000);
