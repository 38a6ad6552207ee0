import { useEffect, useRef, useState } from 'preact/hooks';
import type { Box } from '../../chart/chart.ts';
import { type Camera, filled, fitted, panned, viewBox, zoomed } from './camera.ts';
import { Drawing, type DrawingProps } from './drawing.tsx';

const STEP = 1.25;
/** Of the drawing, for each press of an arrow key. */
const PAN = 60;
const KEYS: Readonly<Record<string, (camera: Camera) => Camera>> = {
  '+': (camera) => zoomed(camera, STEP),
  '=': (camera) => zoomed(camera, STEP),
  '-': (camera) => zoomed(camera, 1 / STEP),
  ArrowLeft: (camera) => panned(camera, -PAN / camera.zoom, 0),
  ArrowRight: (camera) => panned(camera, PAN / camera.zoom, 0),
  ArrowUp: (camera) => panned(camera, 0, -PAN / camera.zoom),
  ArrowDown: (camera) => panned(camera, 0, PAN / camera.zoom),
};

const partOf = (target: EventTarget | null): string | null =>
  (target as Element | null)?.closest('[data-part]')?.getAttribute('data-part') ?? null;

/** A drawing to move about in. Tells which of its parts is pointed at, reached by keyboard, or chosen. */
export function Stage({
  label,
  shows,
  onPoint,
  onFocus,
  onChoose,
  ...drawing
}: Omit<DrawingProps, 'isInteractive'> & {
  label: string;
  /** What it is to be filled with, each time that another box is given; null: nothing in particular. */
  shows: Box | null;
  onPoint: (part: string | null) => void;
  onFocus: (part: string | null) => void;
  onChoose: (part: string | null) => void;
}) {
  const { chart } = drawing;
  const svg = useRef<SVGSVGElement>(null);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const [camera, setCamera] = useState<Camera>(() => fitted(chart));
  useEffect(() => setCamera(shows === null ? fitted(chart) : filled(chart, shows)), [chart, shows]);

  /** Pixels of the drawing for one of the screen. */
  const scale = (): number => 1 / (svg.current?.getScreenCTM()?.a ?? 1);
  const placeOf = (event: MouseEvent): { x: number; y: number } =>
    new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.current!.getScreenCTM()!.inverse());

  // A listener of the component's would be passive, and could not keep the browser from zooming the whole page.
  useEffect(() => {
    const element = svg.current!;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const at = placeOf(event);
      setCamera((before) => zoomed(before, Math.exp(-event.deltaY / 300), at));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = KEYS[event.key];
    if (move !== undefined) setCamera(move);
    else if (event.key === '0') setCamera(fitted(chart));
    else if (event.key === 'Enter' || event.key === ' ') onChoose(partOf(event.target));
    else if (event.key === 'Escape') onChoose(null);
    else return;
    event.preventDefault();
  };

  return (
    <div class="chart-stage">
      <svg
        ref={svg}
        viewBox={viewBox(chart, camera)}
        role="application"
        aria-label={`${label}. Arrow keys move it, plus and minus zoom, 0 fits it.`}
        tabindex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button === 0) drag.current = { x: event.clientX, y: event.clientY, moved: false };
        }}
        onPointerMove={(event) => {
          const from = drag.current;
          if (from === null) return onPoint(partOf(event.target));
          const [dx, dy] = [from.x - event.clientX, from.y - event.clientY];
          if (!from.moved && Math.hypot(dx, dy) < 4) return;
          if (!from.moved) event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.clientX, y: event.clientY, moved: true };
          setCamera((before) => panned(before, dx * scale(), dy * scale()));
        }}
        onPointerUp={(event) => {
          if (drag.current?.moved === false) onChoose(partOf(event.target));
          drag.current = null;
        }}
        onPointerCancel={() => {
          drag.current = null;
        }}
        onPointerLeave={() => onPoint(null)}
        onFocusIn={(event) => onFocus(partOf(event.target))}
        onFocusOut={() => onFocus(null)}
      >
        <Drawing {...drawing} isInteractive />
      </svg>
      <div class="chart-zoom">
        <button type="button" aria-label="Zoom out" onClick={() => setCamera((before) => zoomed(before, 1 / STEP))}>
          −
        </button>
        <button type="button" onClick={() => setCamera(fitted(chart))}>
          Fit
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => setCamera((before) => zoomed(before, STEP))}>
          +
        </button>
      </div>
    </div>
  );
}
