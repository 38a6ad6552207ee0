// What is written on a statechart's drawing, and how much room it takes.
import { textWidth } from './text-width.mjs';

const TITLE = 13;
const LABEL = 11;
const LINE = 15;
export const HEAD = 28;
/** Beside a line, for how often it was taken. */
const COUNT = 26;
/** Of a line. What is longer goes on in a second one, further in. */
const MAX_LETTERS = 25;
const MAX_SECOND = 32;
const INDENT = 10;
const MAX_LINES = 3;
/** A chart of fewer states has room for all that happens inside them. */
const SMALL = 6;

const shortened = (text, max) => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);

/** One or two lines; a guard stays whole where it can. The second counts nothing, because the first one does. */
function wrapped(line) {
  const { text } = line;
  if (text.length <= MAX_LETTERS) return [line];
  const at = text.includes(' [') ? text.indexOf(' [') : text.lastIndexOf(' ', MAX_LETTERS);
  if (at <= 0) return [{ ...line, text: shortened(text, MAX_LETTERS) }];
  return [
    { ...line, text: shortened(text.slice(0, at), MAX_LETTERS) },
    { ...line, text: shortened(text.slice(at + 1), MAX_SECOND), edges: [], goesOn: true },
  ];
}

/** The first lines, and how many there are besides; the whole is told where the chart is explained. */
export function shortList(lines, max = MAX_LINES) {
  const shown = lines.length <= max + 1 ? lines : lines.slice(0, max);
  const rest = lines.slice(shown.length);
  return [
    ...shown.flatMap(wrapped),
    ...(rest.length > 0 ? [{ text: `+${rest.length} more`, edges: rest.flatMap(({ edges }) => edges) }] : []),
  ];
}

const widest = (lines) =>
  Math.max(
    0,
    ...lines.map(
      ({ text, edges, goesOn }) => textWidth(text, LABEL) + (edges.length > 0 ? COUNT : 0) + (goesOn ? INDENT : 0),
    ),
  );

/** Transitions without a target: each, or how many an event has, or only how many there are. */
function internalLines(lines, { nodes, edges }) {
  if (lines.length <= 2) return shortList(lines);
  if (nodes.length > SMALL) {
    return [{ text: `${lines.length} internal transitions`, edges: lines.flatMap((line) => line.edges) }];
  }
  const events = new Map(edges.map(({ id, event }) => [id, event]));
  const groups = grouped(lines, events);
  return [...groups].flatMap(([event, list]) =>
    list.length === 1
      ? wrapped(list[0])
      : [{ text: `${event} (${list.length} ways)`, edges: list.flatMap((line) => line.edges) }],
  );
}

/** Lines by their event. */
function grouped(lines, events) {
  const groups = new Map();
  for (const line of lines) {
    const event = events.get(line.edges[0]);
    groups.set(event, [...(groups.get(event) ?? []), line]);
  }
  return groups;
}

/** What is written in a node: what it does, what happens in it, and how it is entered from no single state. */
export function nodeLines(node, graph, { arrows, internal }) {
  const actions = [...node.entry.map((text) => `entry: ${text}`), ...node.exit.map((text) => `exit: ${text}`)];
  const entered = arrows
    .filter(({ mark, target }) => mark !== null && target === node.id)
    .flatMap(({ mark, lines }) => [
      ...wrapped({ kind: 'mark', text: `from ${mark}`, edges: [] }),
      ...shortList(lines, 2).map((line) => ({ kind: 'entered', ...line })),
    ]);
  return [
    ...shortList(actions.map((text) => ({ text, edges: [] }))).map((line) => ({ kind: 'action', ...line })),
    ...internalLines(internal[node.id] ?? [], graph).map((line) => ({ kind: 'internal', ...line })),
    ...entered,
  ];
}

export const nodeSize = (node, lines) => ({
  width: Math.max(92, textWidth(node.key, TITLE, 'bold') + 62, widest(lines) + 24),
  height: HEAD + lines.length * LINE + (lines.length > 0 ? 7 : 4),
});

export const labelSize = (lines) => ({ width: widest(lines) + 12, height: lines.length * LINE + 5 });
