import { leftOf } from './left-of.ts';
import { useNow } from './now.ts';

const RADIUS = 6;
const AROUND = 2 * Math.PI * RADIUS;

/** A ring that runs down. It only shows what stands beside it in words. */
export function Ring({ until, forMs, isLive }: { until: number; forMs: number; isLive: boolean }) {
  const now = useNow(250, isLive);
  return (
    <svg class="ring" viewBox="0 0 16 16" aria-hidden="true">
      <circle class="ring-whole" cx="8" cy="8" r={RADIUS} />
      <circle
        class="ring-left"
        cx="8"
        cy="8"
        r={RADIUS}
        transform="rotate(-90 8 8)"
        style={{ strokeDasharray: AROUND, strokeDashoffset: AROUND * (1 - leftOf(until, forMs, now)) }}
      />
    </svg>
  );
}
