import type { Arrow, Line } from './bundle.ts';
import type { ChartEdge, ChartNode } from './graph.ts';

// A statechart with a place for everything. Lengths are in pixels at full size, from the drawing's top left corner.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedNode extends ChartNode, Box {
  /** What is written below its name: entry and exit actions, and transitions without a target. */
  readonly lines: readonly NodeLine[];
}

/** A line as the drawing has room for it. */
export interface WrittenLine extends Line {
  /** It is the rest of the line above, for which it stands no further: it has no edges. */
  readonly goesOn?: true;
}

export interface NodeLine extends WrittenLine {
  /** `action`: on entry or exit; `internal`: a transition without a target; `mark`: from where the `entered` below come. */
  readonly kind: 'action' | 'internal' | 'mark' | 'entered';
}

export interface PlacedArrow extends Arrow {
  /** The keys of its ends. */
  readonly from: string;
  readonly to: string;
  /** Path data of SVG. */
  readonly path: string;
  readonly head: string;
  /** null: an arrow without a word, from the mark of an initial state. */
  readonly label: (Box & { readonly lines: readonly WrittenLine[] }) | null;
}

/** Where an initial state is entered. */
export interface PlacedMark extends Box {
  readonly parent: string;
}

export interface Chart {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly arrows: readonly PlacedArrow[];
  readonly marks: readonly PlacedMark[];
  /** Every transition of the definition. */
  readonly edges: readonly ChartEdge[];
  /** All arrows, also those that are only written in the state to which they lead. */
  readonly bundles: readonly Arrow[];
}
