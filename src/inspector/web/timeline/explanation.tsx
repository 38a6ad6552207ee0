import { useEffect, useRef } from 'preact/hooks';
import { clockTime } from '../format.ts';
import { hashOf } from '../route.ts';
import { explanationsOf } from './point-words.ts';
import type { Point } from './points.ts';

/** More than these are told as a number. */
const MOST = 6;

export interface Explained {
  readonly lane: string;
  readonly point: Point;
  /** It stays until it is closed. */
  readonly isPinned: boolean;
}

/** Says what happened at a point, and why. */
export function ExplanationCard({
  explained: { lane, point, isPinned },
  onClose,
  ...place
}: {
  explained: Explained;
  /** In pixels, from the left of the lanes. */
  left: number;
  /** From their top; with `isAbove`, of its lower edge. */
  top: number;
  isAbove: boolean;
  onClose: () => void;
}) {
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isPinned) return;
    const opener = document.activeElement;
    card.current?.focus();
    return () => {
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, [isPinned, point.key, lane]);
  const explanations = explanationsOf(point);
  return (
    <section
      class="timeline-card"
      ref={card}
      tabIndex={-1}
      aria-label={`${lane}: what happened`}
      data-above={place.isAbove}
      style={{ left: `${place.left}px`, top: `${place.top}px` }}
    >
      <p class="timeline-card-lane">
        {lane}
        {isPinned && (
          <button type="button" onClick={onClose}>
            Close
          </button>
        )}
      </p>
      <ul>
        {explanations.slice(0, MOST).map(({ title, at, why, requestId }, index) => (
          <li key={index}>
            <b>{title}</b> <time>{clockTime(at)}</time>
            <br />
            {why}
            {requestId !== undefined && (
              <>
                , request <a href={hashOf({ view: 'requests', chosen: requestId })}>{requestId}</a>
              </>
            )}
          </li>
        ))}
      </ul>
      {explanations.length > MOST && <p>And {explanations.length - MOST} more; zoom in to separate them.</p>}
      {!isPinned && <p class="timeline-card-hint">Click, or press Enter, to keep this open.</p>}
    </section>
  );
}
