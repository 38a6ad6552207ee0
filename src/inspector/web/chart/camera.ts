import type { Box, Chart } from '../../chart/chart.ts';

/** What of a drawing is seen: its centre, and how much larger than when it fits. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

const MARGIN = 12;
/** A small chart is not blown up beyond what a place of this size shows. */
const MIN_WIDTH = 720;
const MIN_HEIGHT = 440;
const MAX_ZOOM = 8;
const MIN_ZOOM = 0.5;

export const fitted = ({ width, height }: Pick<Chart, 'width' | 'height'>): Camera => ({
  x: width / 2,
  y: height / 2,
  zoom: 1,
});

/** One part of a drawing, as large as it can be shown. */
export function filled(chart: Pick<Chart, 'width' | 'height'>, { x, y, width, height }: Box): Camera {
  const zoom = Math.min(MAX_ZOOM, across(chart) / (width + 2 * MARGIN), along(chart) / (height + 2 * MARGIN));
  return { x: x + width / 2, y: y + height / 2, zoom };
}

const across = ({ width }: Pick<Chart, 'width'>): number => Math.max(MIN_WIDTH, width + 2 * MARGIN);
const along = ({ height }: Pick<Chart, 'height'>): number => Math.max(MIN_HEIGHT, height + 2 * MARGIN);

export function viewBox(chart: Pick<Chart, 'width' | 'height'>, { x, y, zoom }: Camera): string {
  const w = across(chart) / zoom;
  const h = along(chart) / zoom;
  return `${x - w / 2} ${y - h / 2} ${w} ${h}`;
}

/** Zooms by a factor; what lies at the given place stays where it is. */
export function zoomed(
  camera: Camera,
  factor: number,
  at: { readonly x: number; readonly y: number } = camera,
): Camera {
  const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, camera.zoom * factor));
  const kept = camera.zoom / zoom;
  return { zoom, x: at.x + (camera.x - at.x) * kept, y: at.y + (camera.y - at.y) * kept };
}

export const panned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x + dx,
  y: camera.y + dy,
});
