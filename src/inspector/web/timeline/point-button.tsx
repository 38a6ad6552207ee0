import type { TargetedKeyboardEvent } from 'preact';
import { memo } from 'preact/compat';
import { pointLabel } from './point-words.ts';
import { type Point, type Sign, signOf, stateOf } from './points.ts';

/** Each sign has a shape of its own, so that none is told by its colour alone. In a box of 12 by 12. */
export const SHAPES: Readonly<Record<Sign, string>> = {
  breaker: 'M6 .5 11.5 6 6 11.5.5 6Z',
  control: 'M1.5 1.5h9v9h-9Z',
  limit: 'M6 1 11.5 10.5H.5Z',
  displaced: 'M1 3.5h5V.8L11.2 6 6 11.2V8.5H1Z',
  rateLimited: 'M6 11 .5 1.5h11Z',
  failures: 'M2.6 1 6 4.4 9.4 1 11 2.6 7.6 6 11 9.4 9.4 11 6 7.6 2.6 11 1 9.4 4.4 6 1 2.6Z',
};

export function SignShape({ sign, state }: { sign: Sign; state?: string | undefined }) {
  return (
    <svg class="sign" viewBox="0 0 12 12" data-sign={sign} data-state={state} aria-hidden="true">
      <path d={SHAPES[sign]} />
    </svg>
  );
}

/** A point of a lane. Tab stops at some of them; arrows lead to all. */
export const PointButton = memo(function PointButton({
  lane,
  point,
  x,
  isTabStop,
  isExplained,
  onPoint,
}: {
  lane: string;
  point: Point;
  /** In pixels. */
  x: number;
  isTabStop: boolean;
  isExplained: boolean;
  onPoint: (lane: string, point: Point, isPinned: boolean) => void;
}) {
  return (
    <button
      type="button"
      class="point"
      style={{ left: `${x}px` }}
      tabIndex={isTabStop ? 0 : -1}
      aria-label={pointLabel(point)}
      aria-expanded={isExplained}
      onFocus={() => onPoint(lane, point, false)}
      onPointerEnter={() => onPoint(lane, point, false)}
      onClick={() => onPoint(lane, point, true)}
      onKeyDown={moveAlong}
    >
      <SignShape sign={signOf(point)} state={stateOf(point)} />
    </button>
  );
});

/** Arrows lead to the neighbours in the lane. */
function moveAlong(event: TargetedKeyboardEvent<HTMLButtonElement>): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const points = [...event.currentTarget.parentElement!.querySelectorAll<HTMLElement>('.point')];
  points[points.indexOf(event.currentTarget) + step]?.focus();
}
