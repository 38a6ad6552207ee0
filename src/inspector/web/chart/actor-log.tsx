import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LogLine } from '../../protocol.ts';
import { clockTime, count } from '../format.ts';
import { visibleRows } from '../requests/visible-rows.ts';

/** Of a line, in pixels. */
const ROW = 20;
const FALLBACK_HEIGHT = 120;

/** What was sent to an actor or by it, the newest at the end; only what is seen is in the page. */
export function ActorLog({ log, actor, dropped }: { log: readonly LogLine[]; actor: string; dropped: number }) {
  const lines = useMemo(() => log.filter(({ from, to }) => from === actor || to === actor), [log, actor]);
  const list = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [isFollowing, setFollowing] = useState(true);
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
          : `The last ${count(lines.length)} to it or by it.`}
        {dropped > 0 &&
          ` ${count(dropped)} events of all actors are not in the log, because there were too many at once.`}
      </p>
      <div
        ref={list}
        class="actor-lines"
        tabindex={0}
        role="log"
        aria-live="off"
        aria-label="Events, the newest at the end"
        onScroll={({ currentTarget }) => {
          setScrollTop(currentTarget.scrollTop);
          setFollowing(currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < ROW);
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
