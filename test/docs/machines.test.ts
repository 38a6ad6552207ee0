import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cacheMachine, modelMachine, routerMachine } from '../../machines/index.ts';

const docs = new URL('../../docs/', import.meta.url);

interface Edge {
  readonly from: string;
  readonly to: string;
  /** The event, with its guard in brackets; on a page for users, a few words instead. */
  readonly label: string;
}

/** The part of a state node that a drawing shows. */
interface Node {
  readonly key: string;
  readonly states: Readonly<Record<string, Node>>;
  readonly initial: { readonly target: readonly Node[] };
  readonly always?: readonly Transition[];
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
}

interface Transition {
  readonly target?: readonly Node[] | undefined;
  readonly guard?: unknown;
}

const REGIONS = modelMachine.root.states as unknown as Readonly<Record<'breaker' | 'queue' | 'control', Node>>;
const CHARTS: Readonly<Record<string, Node>> = {
  'model.breaker': REGIONS.breaker,
  'model.queue': REGIONS.queue,
  'model.control': REGIONS.control,
  router: routerMachine.root as unknown as Node,
  cache: cacheMachine.root as unknown as Node,
};

function edgesOf(chart: Node): Edge[] {
  const leaving = (node: Node): Edge[] => {
    const always = [['always', node.always ?? []] as const];
    return [...always, ...node.transitions].flatMap(([type, transitions]) =>
      transitions.flatMap(({ target, guard }) =>
        (target ?? []).map(({ key }) => ({ from: node.key, to: key, label: labelOf(type, guard) })),
      ),
    );
  };
  return [chart, ...Object.values(chart.states)].flatMap(leaving);
}

function labelOf(type: string, guard: unknown): string {
  const event = type.startsWith('xstate.after.') ? 'after' : type;
  return typeof guard === 'string' && event !== 'always' ? `${event} [${guard}]` : event;
}

interface Drawing {
  readonly page: string;
  readonly chart: string;
  /** Whether every edge is drawn. */
  readonly isWhole: boolean;
  /** Where the labels are events; else they are words. */
  readonly isExact: boolean;
  /** Prefix of the events that are left out. */
  readonly leftOut: string | undefined;
  readonly edges: readonly Edge[];
}

const DRAWING = /<!-- chart: ([\w.]+)(, every edge)?(?: but ([\w.]+)\*)? -->\n```mermaid\n(.*?)```/gs;

function drawingsOn(page: string): Drawing[] {
  return [...readFileSync(new URL(page, docs), 'utf8').matchAll(DRAWING)].map(([, chart, whole, leftOut, text]) => ({
    page,
    chart: chart!,
    isWhole: whole !== undefined,
    isExact: page.startsWith('internals/'),
    leftOut,
    edges: text!.split('\n').flatMap((line) => {
      const match = /^ *(\S+) --> (\w+)(?:: (.*))?$/.exec(line);
      return match ? [{ from: match[1]!, to: match[2]!, label: match[3] ?? '' }] : [];
    }),
  }));
}

const DRAWINGS = readdirSync(docs, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .flatMap(drawingsOn);

it('finds the drawings of all charts', () => {
  expect(
    DRAWINGS.filter(({ isWhole }) => isWhole)
      .map(({ chart }) => chart)
      .sort(),
  ).toEqual(Object.keys(CHARTS).sort());
});

const shownAs =
  (isExact: boolean) =>
  ({ from, to, label }: Edge): string =>
    `${from} --> ${to}${isExact ? `: ${label}` : ''}`;
const drawn = ({ edges }: Drawing): Edge[] => edges.filter(({ from }) => from !== '[*]');

describe.each(DRAWINGS)('the drawing of $chart in $page', (drawing) => {
  it('begins where the chart begins', () => {
    const begins = drawing.edges.filter(({ from }) => from === '[*]').map(({ to }) => to);
    const { always = [], key } = CHARTS[drawing.chart]!.initial.target[0]!;
    const first = always.length === 0 ? [key] : always.flatMap(({ target }) => target ?? []).map((node) => node.key);
    for (const state of begins) expect(first).toContain(state);
  });

  it('has edges that the chart has', () => {
    const shown = shownAs(drawing.isExact);
    const known = edgesOf(CHARTS[drawing.chart]!).map(shown);
    expect(drawn(drawing).length).toBeGreaterThan(1);
    expect(
      drawn(drawing)
        .map(shown)
        .filter((edge) => !known.includes(edge)),
    ).toEqual([]);
  });
});

it.each(DRAWINGS.filter(({ isWhole }) => isWhole))('$page has every edge of $chart', (drawing) => {
  const { chart, isExact, leftOut } = drawing;
  const shown = shownAs(isExact);
  const due = edgesOf(CHARTS[chart]!).filter(({ label }) => leftOut === undefined || !label.startsWith(leftOut));
  expect(drawn(drawing).map(shown).sort()).toEqual([...new Set(due.map(shown))].sort());
});
