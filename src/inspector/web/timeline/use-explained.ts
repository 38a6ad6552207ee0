import { useCallback, useRef, useState } from 'preact/hooks';
import type { Explained } from './explanation.tsx';
import type { Point } from './points.ts';

/** Which point is explained; null: none. What changes it keeps its identity, for lanes are drawn anew otherwise. */
export function useExplained() {
  const [explained, setExplained] = useState<Explained | null>(null);
  // A point that was closed gets the focus back, and must not be opened by that.
  const closed = useRef<string | null>(null);
  const explain = useCallback((lane: string, point: Point, isPinned: boolean): void => {
    const key = keyOf(lane, point);
    if (!isPinned && closed.current === key) return;
    closed.current = null;
    setExplained((before) => (before?.isPinned === true && !isPinned ? before : { lane, point, isPinned }));
  }, []);
  const leave = useCallback((): void => {
    setExplained((before) => (before?.isPinned === true ? before : null));
  }, []);
  const close = useCallback((): void => {
    setExplained((before) => {
      closed.current = before === null ? null : keyOf(before.lane, before.point);
      return null;
    });
  }, []);
  return { explained, explain, leave, close };
}

const keyOf = (lane: string, { key }: Point): string => `${lane} ${key}`;
