import { useEffect, useState } from 'preact/hooks';
import type { Frame } from '../protocol.ts';
import { apply, EMPTY, type View } from './view.ts';

export type Connection = 'connecting' | 'live' | 'lost';

export interface Shown {
  readonly view: View;
  readonly connection: Connection;
  /** How far the router's clock is ahead of this page's, in milliseconds. */
  readonly offset: number;
}

const NOTHING: Shown = { view: EMPTY, connection: 'connecting', offset: 0 };

let shown = NOTHING;
const listeners = new Set<() => void>();
let isScheduled = false;

/** At most one redraw for each picture that the screen shows, however many frames come. */
function show(next: Shown): void {
  shown = next;
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    for (const listener of listeners) listener();
  });
}

/** Follows the router; what comes is shown until the returned function is called. */
export function follow(): () => void {
  const source = new EventSource('frames');
  source.onmessage = ({ data }) => {
    const frame = JSON.parse(data as string) as Frame;
    show({ view: apply(shown.view, frame), connection: 'live', offset: frame.at - Date.now() });
  };
  source.onerror = () => show({ ...shown, connection: 'lost' });
  return () => source.close();
}

/** For who signs out: the next one must not be shown what the last one saw. */
export const forget = (): void => show(NOTHING);

/** What is shown now; the component is drawn anew when it changes. */
export function useShown(): Shown {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = (): void => redraw((count) => count + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return shown;
}

/** The router's time now, in milliseconds since the Unix epoch; for rings and "… ago". */
export const routerNow = (): number => Date.now() + shown.offset;
