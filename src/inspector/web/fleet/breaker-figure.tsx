import type { BreakerState } from '../../../breaker/state.ts';
import type { Mark, ModelFigures } from '../../protocol.ts';
import { counted, duration, words } from '../format.ts';

type Change = Extract<Mark, { kind: 'breaker' }>;

const BOXES = [
  { state: 'closed', x: 2, y: 12, width: 78 },
  { state: 'open', x: 188, y: 12, width: 78 },
  { state: 'half_open', x: 90, y: 104, width: 88 },
] as const;
const HEIGHT = 34;

const EDGES = [
  { from: 'closed', to: 'open', path: 'M80 29H184', x: 134, y: 21, anchor: 'middle' },
  { from: 'open', to: 'half_open', path: 'M236 46C236 84 214 106 182 114', x: 266, y: 90, anchor: 'end' },
  { from: 'half_open', to: 'open', path: 'M150 104C154 74 176 52 205 48', x: 0, y: 0, anchor: 'middle' },
  { from: 'half_open', to: 'closed', path: 'M90 120C56 114 34 90 34 50', x: 2, y: 90, anchor: 'start' },
] as const;

/** The breaker's states, the one that it is in lit, and the way that it came. */
export function BreakerFigure({ breaker, change }: { breaker: ModelFigures['breaker']; change: Change | undefined }) {
  const { state, threshold, openForMs, successThreshold } = breaker;
  const isForced = state === 'forced_open' || state === 'forced_closed';
  const labels = [
    threshold === null ? 'by a rate' : counted(threshold, 'failure'),
    openForMs === null ? '' : `after ${duration(openForMs)}`,
    '',
    successThreshold === null ? '' : counted(successThreshold, 'success', 'successes'),
  ];
  const isTaken = (from: BreakerState, to: BreakerState): boolean =>
    change !== undefined && change.from === from && change.to === to && state === to;
  return (
    <svg
      class="breaker-figure"
      viewBox="0 0 268 142"
      role="img"
      aria-label={`The breaker is ${words(state)}.`}
      data-forced={isForced || undefined}
    >
      <defs>
        {['step', 'step-taken'].map((id) => (
          <marker
            key={id}
            id={id}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
            markerUnits="userSpaceOnUse"
          >
            <path d="M0 0 8 4 0 8z" />
          </marker>
        ))}
      </defs>
      {EDGES.map(({ from, to, path, x, y, anchor }, index) => (
        <g key={path} data-step data-taken={isTaken(from, to) || undefined} data-state={to}>
          <path class="step" d={path} marker-end={`url(#${isTaken(from, to) ? 'step-taken' : 'step'})`} />
          <text x={x} y={y} text-anchor={anchor}>
            {labels[index]}
          </text>
        </g>
      ))}
      {BOXES.map((box) => (
        <Box key={box.state} {...box} isLit={box.state === state} />
      ))}
      {isForced && <Box state={state} x={84} y={52} width={100} isLit />}
    </svg>
  );
}

function Box({
  state,
  x,
  y,
  width,
  isLit,
}: {
  state: BreakerState;
  x: number;
  y: number;
  width: number;
  isLit: boolean;
}) {
  return (
    <g class="breaker-state" data-state={state} data-lit={isLit || undefined}>
      <rect x={x} y={y} width={width} height={HEIGHT} rx="8" />
      <text x={x + width / 2} y={y + 21} text-anchor="middle">
        {words(state)}
      </text>
    </g>
  );
}
