import { ROUNDING_MS } from './calls.ts';
import type { Tone } from './tone.ts';

/** Who takes part. */
export interface Column {
  readonly kind: 'caller' | 'router' | 'cache' | 'model';
  readonly name: string;
}

/** An arrow between two columns, or something that happens in one. */
export interface Step {
  /** Milliseconds since the request was accepted; null: the trace does not tell. */
  readonly at: number | null;
  readonly from: number;
  /** As `from`: it happens in that column. */
  readonly to: number;
  readonly tone: Tone;
  readonly text: string;
}

/** What a column does from one step to another. */
export interface Span {
  readonly column: number;
  readonly kind: 'waiting' | 'calling' | 'parked';
  readonly from: number;
  readonly to: number;
}

export const CALLER = 0;
export const ROUTER = 1;

export interface SequenceDrawing {
  readonly columns: readonly Column[];
  readonly steps: readonly Step[];
  readonly spans: readonly Span[];
  /** The column of an actor, a new one when it has none. */
  columnOf(kind: Column['kind'], name: string): number;
  /** Adds a step, and gives its index. */
  add(at: number | null, from: number, to: number, text: string, tone?: Tone): number;
  span(column: number, kind: Span['kind'], from: number, to: number): void;
}

/** A drawing with a caller and a router, in which nothing has happened yet of what takes `totalMs`. */
export function newSequenceDrawing(totalMs: number): SequenceDrawing {
  const columns: Column[] = [
    { kind: 'caller', name: 'caller' },
    { kind: 'router', name: 'router' },
  ];
  const steps: Step[] = [];
  const spans: Span[] = [];
  let last = 0;
  const evened = (at: number): number => {
    if (at < last && at > last - ROUNDING_MS) return last;
    last = at > totalMs && at < totalMs + ROUNDING_MS ? totalMs : at;
    return last;
  };
  return {
    columns,
    steps,
    spans,
    columnOf(kind, name) {
      const known = columns.findIndex((column) => column.kind === kind && column.name === name);
      return known >= 0 ? known : columns.push({ kind, name }) - 1;
    },
    add: (at, from, to, text, tone = 'neutral') =>
      steps.push({ at: at === null ? null : evened(at), from, to, text, tone }) - 1,
    span: (column, kind, from, to) => void spans.push({ column, kind, from, to }),
  };
}
