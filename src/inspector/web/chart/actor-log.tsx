import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LogLine } from '../../protocol.ts';
import { clockTime, count } from '../format.ts';
import { visibleRows } from '../parts/visible-rows.ts';

/** Of a line, in pixels. */
const ROW = 20;
const FALLBACK_HEIGHT = 120;

/**
 * What was sent to an actor or by it, the newest at the end; only what is seen is in the page. The lines stay as they
 * are while somebody has scrolled back, because the log forgets its oldest ones and would run away below them.
 */
export function ActorLog({ log, actor, dropped }: { log: readonly LogLine[]; actor: string; dropped: number }) {
  const latest = useMemo(() => log.filter(({ from, to }) => from === actor || to === actor), [log, actor]);
  const list = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  // null: the newest are followed.
  const [held, setHeld] = useState<readonly LogLine[] | null>(null);
  const isFollowing = held === null;
  const lines = held ?? latest;
  const height = list.current?.clientHeight ?? FALLBACK_HEIGHT;
  const top = isFollowing ? Math.max(0, lines.length * ROW - height) : scrollTop;
  const { from, to } = visibleRows(lines.length, ROW, top, height);

  useLayoutEffect(() => {
    if (isFollowing) list.current!.scrollTop = list.current!.scrollHeight;
  }, [lines, isFollowing]);

  return (
    <section class="actor-log" aria-label="Events">
      <h2>Events</h2>
      <p class="chart-hint">
        {lines.length === 0
          ? 'None has been sent to it or by it yet.'
          : isFollowing
            ? `The last ${count(lines.length)} to it or by it.`
            : 'Held while you look back.'}
        {dropped > 0 &&
          ` ${count(dropped)} events of all actors are not in the log, because there were too many at once.`}
      </p>
      {!isFollowing && (
        <button type="button" class="actor-newest" onClick={() => setHeld(null)}>
          Newest
        </button>
      )}
      <div
        ref={list}
        class="actor-lines"
        tabindex={0}
        role="log"
        aria-live="off"
        aria-label="Events, the newest at the end"
        onScroll={({ currentTarget }) => {
          setScrollTop(currentTarget.scrollTop);
          const below = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight;
          setHeld((before) => (below < ROW ? null : (before ?? lines)));
        }}
      >
        <ol style={{ paddingTop: `${from * ROW}px`, paddingBottom: `${(lines.length - to) * ROW}px` }}>
          {lines.slice(from, to).map(({ n, at, from: sender, to: receiver, event }) => (
            <li key={n}>
              <time>{clockTime(at)}</time>
              <span class="actor-way">
                {sender ?? 'outside'} → {receiver}
              </span>
              <b>{event}</b>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
