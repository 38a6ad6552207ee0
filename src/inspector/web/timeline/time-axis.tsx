import { memo } from 'preact/compat';
import type { Scale } from './lane-picture.tsx';
import { ticksOf } from './ticks.ts';

/** Between two times of day, in pixels. */
const LEAST_APART = 84;

/** Times of day over the lanes, and lines behind them. */
export const TimeAxis = memo(function TimeAxis({ from, to, pxPerMs, height }: Scale & { height: number }) {
  const ticks = ticksOf(from, to, LEAST_APART / pxPerMs, new Date(to).getTimezoneOffset());
  return (
    <svg class="time-axis" width={(to - from) * pxPerMs} height={height} aria-hidden="true">
      {ticks.map(({ at, label }) => (
        <g key={at} transform={`translate(${Math.round((at - from) * pxPerMs)} 0)`}>
          <line x1="0.5" x2="0.5" y1="18" y2={height} />
          <text x="0" y="13">
            {label}
          </text>
        </g>
      ))}
    </svg>
  );
});
