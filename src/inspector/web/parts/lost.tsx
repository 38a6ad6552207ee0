import { useEffect, useState } from 'preact/hooks';
import { clockTime } from '../format.ts';
import type { Shown } from '../store.ts';

const second = (at: number): string => clockTime(at).slice(0, 8);

/** Says that what is shown is no longer so, and since when. */
export function Lost({ view, connection }: Shown) {
  const [since, setSince] = useState<number | null>(null);
  const isLost = connection === 'lost';
  useEffect(() => setSince(isLost ? Date.now() : null), [isLost]);
  if (since === null) return null;
  return (
    <p class="lost" role="alert">
      <b>Connection lost at {second(since)}.</b> The page keeps trying.
      {view.at > 0 && ` What you see is how it was at ${second(view.at)}.`}
    </p>
  );
}
