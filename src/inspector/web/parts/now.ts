import { useEffect, useState } from 'preact/hooks';
import { routerNow } from '../store.ts';

/**
 * The router's time, renewed every so many milliseconds while it is followed. It stands still otherwise: what a page
 * has lost sight of does not run on.
 */
export function useNow(everyMs: number, isLive: boolean): number {
  const [now, setNow] = useState(routerNow);
  useEffect(() => {
    if (!isLive) return;
    setNow(routerNow());
    const timer = setInterval(() => setNow(routerNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isLive]);
  return now;
}
