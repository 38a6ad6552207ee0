import { modelId } from '../ids.ts';
import type { Routes } from './routes.ts';

/** Sizes in CSS pixels; the style sheet knows the same. */
export const CARD_HEIGHT = 118;
export const SOURCE_HEIGHT = 44;
const CARD_GAP = 16;
const SOURCE_GAP = 14;
const SOURCE_WIDTH = 148;
const MARGIN = 16;
/** Where fallback edges run, to the right of the cards. */
const ARCS = 108;
const NARROWEST = 780;
const WIDEST = 1_080;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Where everything stands. It follows from names, rules and the width alone, so nothing moves while one watches. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** By id of a source or a model. */
  readonly boxes: ReadonlyMap<string, Box>;
  /** The sources' ids, in order: each has its own place at a card's left side. */
  readonly sources: readonly string[];
}

/**
 * Sources on the left, each beside the model that it asks first, as far as its neighbours leave room; cards on the
 * right, one below the other.
 */
export function layoutOf({ sources, targets, order }: Routes, available: number): Layout {
  const width = Math.min(WIDEST, Math.max(NARROWEST, available));
  const cardWidth = Math.round(370 + (width - NARROWEST) / 4);
  const boxes = new Map<string, Box>();
  order.forEach((name, index) => {
    const y = MARGIN + index * (CARD_HEIGHT + CARD_GAP);
    boxes.set(modelId(name), { x: width - ARCS - cardWidth, y, width: cardWidth });
  });
  let free = MARGIN;
  for (const { id } of sources) {
    const first = targets.find(({ from }) => from === id);
    const beside = first === undefined ? free : boxes.get(first.to)!.y + (CARD_HEIGHT - SOURCE_HEIGHT) / 2;
    const y = Math.max(free, beside);
    boxes.set(id, { x: MARGIN, y, width: SOURCE_WIDTH });
    free = y + SOURCE_HEIGHT + SOURCE_GAP;
  }
  const cardsEnd = MARGIN + order.length * (CARD_HEIGHT + CARD_GAP);
  return { width, height: Math.max(cardsEnd, free) + MARGIN, boxes, sources: sources.map(({ id }) => id) };
}

/** From a source's right side to its own place at the left side of a card. */
export function targetPath(layout: Layout, from: string, to: string): string {
  const source = layout.boxes.get(from)!;
  const card = layout.boxes.get(to)!;
  const rank = layout.sources.indexOf(from);
  const x = source.x + source.width;
  const y = source.y + SOURCE_HEIGHT / 2;
  const endY = card.y + 12 + ((CARD_HEIGHT - 24) * (rank + 0.5)) / layout.sources.length;
  const middle = (x + card.x) / 2;
  return `M${x} ${y}C${middle} ${y} ${middle} ${round(endY)} ${card.x} ${round(endY)}`;
}

/** From the right side of a card around to the right side of another; the farther, the wider the way around. */
export function fallbackPath(layout: Layout, from: string, to: string): string {
  const a = layout.boxes.get(from)!;
  const b = layout.boxes.get(to)!;
  const x = a.x + a.width;
  const isDown = b.y > a.y;
  // What goes down and what comes up have places of their own.
  const y = a.y + CARD_HEIGHT * (isDown ? 0.72 : 0.28);
  const endY = b.y + CARD_HEIGHT * (isDown ? 0.36 : 0.64);
  const steps = Math.abs(b.y - a.y) / (CARD_HEIGHT + CARD_GAP);
  // A cubic curve reaches three quarters of its control points' distance.
  const bulge = Math.min(ARCS * 1.25, 28 + 22 * steps + (isDown ? 0 : 14));
  return `M${x} ${round(y)}C${round(x + bulge)} ${round(y)} ${round(x + bulge)} ${round(endY)} ${x + 3} ${round(endY)}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
