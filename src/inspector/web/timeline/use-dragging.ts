import { useEffect, useRef } from 'preact/hooks';
import type { Travel } from './use-travel.ts';

/** A pointer that has moved less, in pixels, has not dragged. */
const SLACK = 4;
/** How much one step of a wheel zooms. */
const PER_WHEEL_PIXEL = 1.0025;

/** Moves the time with a dragging pointer or a wheel that goes sideways, and zooms with a wheel and ctrl. */
export function useDragging(plot: { readonly current: HTMLElement | null }, travel: Travel, pxPerMs: number): void {
  const latest = useRef({ travel, pxPerMs });
  latest.current = { travel, pxPerMs };
  useEffect(() => {
    const element = plot.current!;
    let from: number | null = null;
    let isDragging = false;
    const down = ({ button, clientX }: PointerEvent): void => {
      if (button === 0) from = clientX;
    };
    const move = (event: PointerEvent): void => {
      if (from === null || (!isDragging && Math.abs(event.clientX - from) < SLACK)) return;
      if (!isDragging) element.setPointerCapture(event.pointerId);
      isDragging = true;
      latest.current.travel.pan((from - event.clientX) / latest.current.pxPerMs);
      from = event.clientX;
    };
    const up = (): void => {
      from = null;
      isDragging = false;
    };
    const wheel = (event: WheelEvent): void => {
      const { travel, pxPerMs } = latest.current;
      if (event.ctrlKey) {
        const { end, spanMs } = travel.window;
        const about = end - spanMs + (event.clientX - element.getBoundingClientRect().left) / pxPerMs;
        travel.zoom(PER_WHEEL_PIXEL ** event.deltaY, about);
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) travel.pan(event.deltaX / pxPerMs);
      else return;
      event.preventDefault();
    };
    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', up);
    element.addEventListener('pointercancel', up);
    // A listener that is told of passively could not keep the page from being zoomed.
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', up);
      element.removeEventListener('pointercancel', up);
      element.removeEventListener('wheel', wheel);
    };
  }, [plot]);
}
