import type { Chart } from '../../chart/chart.ts';

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

export function viewBox({ width, height }: Pick<Chart, 'width' | 'height'>, { x, y, zoom }: Camera): string {
  const w = Math.max(MIN_WIDTH, width + 2 * MARGIN) / zoom;
  const h = Math.max(MIN_HEIGHT, height + 2 * MARGIN) / zoom;
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
