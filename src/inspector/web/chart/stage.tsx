import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Box } from '../../chart/placed-chart.ts';
import { activePaths } from './active.ts';
import { panned, revealing, showsAll, viewBox, viewed, zoomed } from './camera.ts';
import { Drawing, type DrawingProps } from './drawing.tsx';
import { entryOf, partsOf } from './reading-order.ts';
import { useCamera } from './use-camera.ts';

const STEP = 1.25;
/** Of the screen, for each press of an arrow key with Shift. */
const PAN = 60;
const ZOOMS: Readonly<Record<string, number>> = { '+': STEP, '=': STEP, '-': 1 / STEP };
/** The direction of each arrow key, and by how many parts it goes on. */
const ARROWS: Readonly<Record<string, { readonly dx: number; readonly dy: number; readonly parts: number }>> = {
  ArrowLeft: { dx: -PAN, dy: 0, parts: -1 },
  ArrowRight: { dx: PAN, dy: 0, parts: 1 },
  ArrowUp: { dx: 0, dy: -PAN, parts: -1 },
  ArrowDown: { dx: 0, dy: PAN, parts: 1 },
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
}: Omit<DrawingProps, 'tabStop'> & {
  label: string;
  /** What it is to be filled with, each time that another box is given; null: nothing in particular. */
  shows: Box | null;
  onPoint: (part: string | null) => void;
  onFocus: (part: string | null) => void;
  onChoose: (part: string | null) => void;
}) {
  const { chart, active } = drawing;
  const svg = useRef<SVGSVGElement>(null);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const { camera, isMoved, stage, showAll, move } = useCamera(chart, svg, shows);
  const parts = useMemo(() => partsOf(chart), [chart]);
  const [reached, setReached] = useState<string | null>(null);
  const tabStop = reached ?? entryOf(chart, parts, activePaths(active), viewed(camera, stage));

  const placeOf = (event: MouseEvent): { x: number; y: number } =>
    new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.current!.getScreenCTM()!.inverse());

  // A listener of the component's would be passive, and could not keep the browser from zooming the whole page.
  useEffect(() => {
    const element = svg.current!;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const at = placeOf(event);
      move((before) => zoomed(before, Math.exp(-event.deltaY / 300), at));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  /** Focuses the part that stands so many further on; from none, the one that the Tab key reaches. */
  const goOn = (from: string | null, by: number): void => {
    const index = from === null ? -1 : parts.findIndex(({ name }) => name === from);
    const to = index < 0 ? tabStop : parts[index + by]?.name;
    if (to === undefined) return;
    svg.current!.querySelector<SVGElement>(`[data-part="${CSS.escape(to)}"]`)?.focus({ preventScroll: true });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const zoom = ZOOMS[event.key];
    const arrow = ARROWS[event.key];
    if (zoom !== undefined) move((before) => zoomed(before, zoom));
    else if (arrow !== undefined && event.shiftKey) moveBy(arrow.dx, arrow.dy);
    else if (arrow !== undefined) goOn(partOf(event.target), arrow.parts);
    else if (event.key === '0') showAll();
    else if (event.key === 'Enter' || event.key === ' ') onChoose(partOf(event.target));
    else if (event.key === 'Escape') onChoose(null);
    else return;
    event.preventDefault();
  };

  /** By pixels of the screen. */
  const moveBy = (dx: number, dy: number): void =>
    move((before) => panned(before, dx / before.scale, dy / before.scale));
  const zoomBy = (factor: number) => () => move((before) => zoomed(before, factor));

  const onFocusIn = ({ target }: FocusEvent): void => {
    const name = partOf(target);
    onFocus(name);
    if (name === null) return;
    setReached(name);
    // What was clicked is in view, and stays where it is.
    const box = parts.find((part) => part.name === name)?.box;
    if (box !== undefined && (target as Element).matches(':focus-visible')) {
      move((before) => revealing(before, box, stage));
    }
  };

  return (
    <div class="chart-stage">
      <svg
        ref={svg}
        viewBox={viewBox(camera, stage)}
        role="application"
        aria-label={`${label}. Arrow keys go from part to part, and with Shift move it; plus and minus zoom, 0 fits it.`}
        tabindex={-1}
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
          moveBy(dx, dy);
        }}
        onPointerUp={(event) => {
          if (drag.current?.moved === false) onChoose(partOf(event.target));
          drag.current = null;
        }}
        onPointerCancel={() => {
          drag.current = null;
        }}
        onPointerLeave={() => onPoint(null)}
        onFocusIn={onFocusIn}
        onFocusOut={({ relatedTarget }) => {
          onFocus(null);
          if (!svg.current!.contains(relatedTarget as Node | null)) setReached(null);
        }}
      >
        <Drawing {...drawing} tabStop={tabStop} />
      </svg>
      {!isMoved && !showsAll(camera, chart, stage) && (
        // It covers a little, so it goes as soon as it has been understood.
        <p class="chart-more">
          Drag<span class="chart-more-keys">, or press Shift and an arrow key,</span> to see the rest.
        </p>
      )}
      <div class="chart-zoom">
        <button type="button" aria-label="Zoom out" onClick={zoomBy(1 / STEP)}>
          −
        </button>
        <button type="button" onClick={showAll}>
          Fit
        </button>
        <button type="button" aria-label="Zoom in" onClick={zoomBy(STEP)}>
          +
        </button>
      </div>
    </div>
  );
}
