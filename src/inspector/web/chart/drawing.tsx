import type { Line } from '../../chart/bundle.ts';
import type { Chart, PlacedArrow, PlacedNode, WrittenLine } from '../../chart/placed-chart.ts';
import type { StateValue } from '../../protocol.ts';
import { activePaths } from './active.ts';

export interface DrawingProps {
  readonly chart: Chart;
  /** What is lit; null: nothing is. */
  readonly active: StateValue | null;
  /** How often each edge was taken. */
  readonly counts: Readonly<Record<string, number>>;
  /** When each edge was taken last; it flashes anew whenever that changes. */
  readonly fired: Readonly<Record<string, number>>;
  /** The one of its parts that the Tab key reaches, the others take the focus too; absent: none does. */
  readonly tabStop?: string | undefined;
}

const HEAD = 28;
const LINE = 15;
/** Of a line that goes on. */
const INDENT = 10;
/** A region is much wider than what is written in it: a count stands nearer to its line. */
const OUTER_END = 210;

/** A statechart as SVG: the same on the page, in an exported file and in the documents. */
export function Drawing({ chart, active, counts, fired, tabStop }: DrawingProps) {
  const lit = activePaths(active);
  const shown = { counts, fired, tabStop };
  return (
    <g class="drawing">
      {chart.nodes.map((node) => (
        <Node key={node.id} node={node} isLit={lit.has(node.path)} {...shown} />
      ))}
      {chart.marks.map(({ parent, x, y, width, height }) => (
        <circle key={parent} class="initial" cx={x + width / 2} cy={y + height / 2} r={width / 2 - 1} />
      ))}
      {chart.arrows.map((arrow) => (
        <Shaft key={arrow.id} arrow={arrow} at={latest(arrow.lines, fired)} />
      ))}
      {chart.arrows.map((arrow) => (
        <Label key={arrow.id} arrow={arrow} {...shown} />
      ))}
    </g>
  );
}

type Shown = Pick<DrawingProps, 'counts' | 'fired' | 'tabStop'>;

const part = (name: string, label: string, tabStop: string | undefined) =>
  tabStop === undefined
    ? { 'data-part': name }
    : { 'data-part': name, tabindex: name === tabStop ? 0 : -1, role: 'img' as const, 'aria-label': label };

function Node({ node, isLit, tabStop, ...shown }: Shown & { node: PlacedNode; isLit: boolean }) {
  const { id, key: name, type, x, y, width, height, lines } = node;
  const isOuter = type === 'compound' || type === 'parallel';
  return (
    <g
      class={`node ${isOuter ? 'outer' : 'inner'}${type === 'final' ? ' final' : ''}${isLit ? ' lit' : ''}`}
      data-state={name}
      transform={`translate(${x} ${y})`}
      {...part(`node ${id}`, `state ${name}${isLit ? ', active' : ''}`, tabStop)}
    >
      <rect class="box" width={width} height={height} rx={isOuter ? 12 : 8} />
      {type === 'final' && <rect class="within" x={3} y={3} width={width - 6} height={height - 6} rx={6} />}
      <text class="name" x={12} y={18.5}>
        {name}
      </text>
      {isLit && !isOuter && (
        <text class="now" x={width - 10} y={18}>
          now
        </text>
      )}
      {lines.map((line, index) => (
        <Text
          key={index}
          line={line}
          kind={line.kind}
          x={12}
          y={HEAD + 10 + index * LINE}
          end={isOuter ? Math.min(width - 10, OUTER_END) : width - 10}
          {...shown}
        />
      ))}
    </g>
  );
}

function Shaft({ arrow, at }: { arrow: PlacedArrow; at: number }) {
  return (
    <g class="arrow">
      <path class="shaft" d={arrow.path} />
      <path class="head" d={arrow.head} />
      {at > 0 && (
        <g key={at} class="fired">
          <path class="shaft" d={arrow.path} />
          <path class="head" d={arrow.head} />
        </g>
      )}
    </g>
  );
}

function Label({ arrow, tabStop, ...shown }: Shown & { arrow: PlacedArrow }) {
  if (arrow.label === null) return null;
  const { x, y, width, height, lines } = arrow.label;
  return (
    <g
      class="label"
      transform={`translate(${x} ${y})`}
      {...part(
        `arrow ${arrow.id}`,
        `from ${arrow.from} to ${arrow.to}: ${arrow.lines.map(({ text }) => text).join(', ')}`,
        tabStop,
      )}
    >
      <rect class="back" width={width} height={height} rx={5} />
      {lines.map((line, index) => (
        <Text key={index} line={line} kind="event" x={6} y={13.5 + index * LINE} end={width - 5} {...shown} />
      ))}
    </g>
  );
}

function Text({
  line: { text, edges, goesOn },
  kind,
  x,
  y,
  end,
  counts,
  fired,
}: Pick<DrawingProps, 'counts' | 'fired'> & { line: WrittenLine; kind: string; x: number; y: number; end: number }) {
  const at = Math.max(0, ...edges.map((edge) => fired[edge] ?? 0));
  const count = edges.reduce((sum, edge) => sum + (counts[edge] ?? 0), 0);
  return (
    <>
      {at > 0 && <rect key={at} class="fired" x={x - 4} y={y - 11} width={end - x + 6} height={LINE} rx={3} />}
      <text class={kind} x={goesOn === true ? x + INDENT : x} y={y}>
        {text}
      </text>
      {count > 0 && (
        <text class="count" x={end} y={y}>
          {short(count)}
        </text>
      )}
    </>
  );
}

const latest = (lines: readonly Line[], fired: DrawingProps['fired']): number =>
  Math.max(0, ...lines.flatMap(({ edges }) => edges).map((edge) => fired[edge] ?? 0));

/** Four letters at most: `999`, `1.2k`, `120k`, `3M`. */
export function short(count: number): string {
  if (count < 1_000) return String(count);
  const [value, unit] = count < 999_500 ? [count / 1_000, 'k'] : [count / 1_000_000, 'M'];
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
}
