import { Drawing, type DrawingProps } from './drawing.tsx';
import { svgText } from './svg-text.ts';

/** The text of two style sheets: the page's colours, and the drawing's own. */
export interface Sheets {
  readonly tokens: string;
  readonly drawing: string;
}

interface Titles {
  readonly title: string;
  readonly description: string;
}

/** A chart as an SVG file that stands alone, light or dark as whoever looks at it prefers. */
export function svgFile(props: Omit<DrawingProps, 'tabStop'>, titles: Titles, sheets: Sheets): string {
  const { width, height } = props.chart;
  const box = `-12 -12 ${width + 24} ${height + 24}`;
  const svg = (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={box}
      width={width + 24}
      height={height + 24}
      role="img"
      aria-labelledby="title desc"
    >
      <title id="title">{titles.title}</title>
      <desc id="desc">{titles.description}</desc>
      <style>{styleOf(sheets)}</style>
      <rect class="paper" x={-12} y={-12} width={width + 24} height={height + 24} rx={14} />
      <Drawing {...props} />
    </svg>
  );
  return `${svgText(svg)}\n`;
}

/** `light-dark()` follows a page's setting, which an image has not: both sets are written out. */
function styleOf({ tokens, drawing }: Sheets): string {
  const pairs = [...tokens.matchAll(/(--[\w-]+): light-dark\((#\w+), (#\w+)\)/g)];
  const others = [...tokens.matchAll(/--(?:sans|mono): [^;]+;/g)].map(([text]) => text.replaceAll('"', "'"));
  const states = tokens.slice(tokens.indexOf('[data-state'));
  const set = (index: 2 | 3): string => pairs.map((pair) => `${pair[1]}:${pair[index]}`).join(';');
  return [
    `svg{${set(2)};${others.join('')}}`,
    `@media (prefers-color-scheme:dark){svg{${set(3)}}}`,
    '.paper{fill:var(--panel)}',
    compact(states),
    compact(drawing),
  ].join('\n');
}

const compact = (css: string): string =>
  css
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll('"', "'")
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};:,]) ?/g, '$1')
    .trim();
