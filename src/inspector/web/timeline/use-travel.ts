import { useEffect, useRef, useState } from 'preact/hooks';
import type { View } from '../view.ts';
import { DEFAULT_SPAN_MS, panned, type TimeWindow, zoomed } from './time-window.ts';

/** Where in the time one is, and how one moves there. */
export interface Travel {
  readonly window: TimeWindow;
  /** What is drawn: what is known now, or was known when the picture came to a halt. */
  readonly view: View;
  readonly isLive: boolean;
  pause(): void;
  goLive(): void;
  /** @param about the moment that stays where it is; without it the right edge does */
  zoom(factor: number, about?: number): void;
  /** Later by so many milliseconds; halts the picture. */
  pan(ms: number): void;
  /** Halts the picture with this moment in its middle. */
  goTo(at: number): void;
}

interface Still {
  readonly view: View;
  readonly end: number;
}

export function useTravel(now: View): Travel {
  const [spanMs, setSpan] = useState(DEFAULT_SPAN_MS);
  const [still, setStill] = useState<Still | null>(null);
  const view = still?.view ?? now;
  const window = { end: still?.end ?? now.at, spanMs };
  const stand = (end: number): void => setStill({ view, end });
  return {
    window,
    view,
    isLive: still === null,
    pause: () => stand(window.end),
    goLive: () => setStill(null),
    zoom(factor, about = window.end) {
      const next = zoomed(window, factor, about, view.at);
      setSpan(next.spanMs);
      if (still !== null || next.end < view.at) stand(next.end);
    },
    pan: (ms) => stand(panned(window, ms, view.since, view.at).end),
    goTo: (at) => stand(panned({ ...window, end: at + spanMs / 2 }, 0, view.since, view.at).end),
  };
}

/** Where a key leads; keys that a control of the page has for itself are left to it. */
export function useTravelKeys(travel: Travel, onEscape: () => void): void {
  const latest = useRef({ travel, onEscape });
  latest.current = { travel, onEscape };
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target, key } = event;
      if (target instanceof Element && target.closest('input, select, textarea') !== null) return;
      const isControl = target instanceof Element && target.closest('button, a') !== null;
      const action = actionOf(key, latest.current.travel, latest.current.onEscape);
      if (action === null || (isControl && key === ' ')) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);
}

function actionOf(key: string, travel: Travel, onEscape: () => void): (() => void) | null {
  switch (key) {
    case ' ':
      return travel.isLive ? travel.pause : travel.goLive;
    case '+':
    case '=':
      return () => travel.zoom(1 / 2);
    case '-':
      return () => travel.zoom(2);
    case 'ArrowLeft':
      return () => travel.pan(-travel.window.spanMs / 8);
    case 'ArrowRight':
      return () => travel.pan(travel.window.spanMs / 8);
    case 'End':
      return travel.goLive;
    case 'Escape':
      return onEscape;
    default:
      return null;
  }
}
