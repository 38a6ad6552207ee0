import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Box, Chart } from '../../chart/placed-chart.ts';
import { type Camera, filled, fitted, isReadable, type Size } from './camera.ts';
import { regionsOf } from './regions.tsx';

/** Until it has been measured. */
const UNMEASURED: Size = { width: 720, height: 440 };

/** What is to be seen: the whole, one part, or at first the whole if it can be read and else its first region. */
type Aim = Box | 'all' | 'opening';

function aimed(aim: Aim, chart: Chart, stage: Size): Camera {
  if (aim === 'all' || (aim === 'opening' && isReadable(chart, stage))) return fitted(chart, stage);
  return filled(aim === 'opening' ? (regionsOf(chart)[0] ?? { x: 0, y: 0, ...sizeOf(chart) }) : aim, stage);
}

const sizeOf = ({ width, height }: Size): Size => ({ width, height });

/**
 * Where a chart is looked at. It follows the size of the place until somebody has moved it.
 * `shows`: what it is to be filled with, each time that another box is given; null: nothing in particular.
 */
export function useCamera(chart: Chart, element: { readonly current: Element | null }, shows: Box | null) {
  const [stage, setStage] = useState<Size>(UNMEASURED);
  const [aim, setAim] = useState<Aim>('opening');
  const [moved, setMoved] = useState<Camera | null>(null);
  const unmoved = aimed(aim, chart, stage);
  // Listeners that are added once ask for it later.
  const latest = useRef(unmoved);
  latest.current = unmoved;

  const show = (next: Aim): void => {
    setAim(next);
    setMoved(null);
  };
  useEffect(() => {
    if (shows !== null) show(shows);
  }, [shows]);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const size = sizeOf(entry!.contentRect);
      if (size.width > 0 && size.height > 0) setStage(size);
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, [element]);

  return {
    camera: moved ?? unmoved,
    isMoved: moved !== null,
    stage,
    showAll: () => show('all'),
    move: (change: (before: Camera) => Camera) => setMoved((before) => change(before ?? latest.current)),
  };
}
