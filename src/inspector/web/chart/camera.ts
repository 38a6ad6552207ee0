import type { Box } from '../../chart/placed-chart.ts';

/** The size of a chart, in its own pixels, or of the place where it is seen, in the screen's. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What of a drawing is seen: its centre, and how many pixels of the screen one of the drawing takes. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Around the whole chart, and around one part of it. */
const MARGIN = 12;
const PART_MARGIN = 6;
/** Most words of a drawing are written at 11 pixels, and are read down to 9. */
const READABLE = 9 / 11;
/** What is small is not blown up to fill a large place. */
const MAX_FILLED = 1.5;
const MAX_SCALE = 4;
const MIN_SCALE = 0.1;

const scaleFor = ({ width, height }: Size, stage: Size, margin: number): number =>
  Math.min(MAX_FILLED, stage.width / (width + 2 * margin), stage.height / (height + 2 * margin));

/** The whole chart, however small it gets. */
export const fitted = (chart: Size, stage: Size): Camera => ({
  x: chart.width / 2,
  y: chart.height / 2,
  scale: scaleFor(chart, stage, MARGIN),
});

/** Whether the whole chart can be read where it is seen. */
export const isReadable = (chart: Size, stage: Size): boolean => fitted(chart, stage).scale >= READABLE;

/** One part of a drawing, as large as it can be shown but never too small to read: then its beginning is shown. */
export function filled(box: Box, stage: Size): Camera {
  const scale = Math.max(READABLE, scaleFor(box, stage, PART_MARGIN));
  const centre = (start: number, length: number, room: number): number =>
    start + Math.min(length / 2, room / scale / 2 - PART_MARGIN);
  return { x: centre(box.x, box.width, stage.width), y: centre(box.y, box.height, stage.height), scale };
}

/** Moved as little as brings a part of the drawing into view; what is larger than the view, by its beginning. */
export function revealing(camera: Camera, { x, y, width, height }: Box, stage: Size): Camera {
  const moved = (centre: number, start: number, length: number, room: number): number => {
    const half = room / camera.scale / 2;
    return Math.min(start - PART_MARGIN + half, Math.max(start + length + PART_MARGIN - half, centre));
  };
  return { ...camera, x: moved(camera.x, x, width, stage.width), y: moved(camera.y, y, height, stage.height) };
}

/** What is in view. */
export function viewed({ x, y, scale }: Camera, stage: Size): Box {
  const [width, height] = [stage.width / scale, stage.height / scale];
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** Whether nothing of the chart lies outside of the view. */
export function showsAll(camera: Camera, chart: Size, stage: Size): boolean {
  const { x, y, width, height } = viewed(camera, stage);
  return x <= 0 && y <= 0 && x + width >= chart.width && y + height >= chart.height;
}

export function viewBox(camera: Camera, stage: Size): string {
  const { x, y, width, height } = viewed(camera, stage);
  return `${x} ${y} ${width} ${height}`;
}

/** Zooms by a factor; what lies at the given place stays where it is. */
export function zoomed(
  camera: Camera,
  factor: number,
  at: { readonly x: number; readonly y: number } = camera,
): Camera {
  const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, camera.scale * factor));
  const kept = camera.scale / scale;
  return { scale, x: at.x + (camera.x - at.x) * kept, y: at.y + (camera.y - at.y) * kept };
}

export const panned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x + dx,
  y: camera.y + dy,
});
