import { clockTime, duration } from '../format.ts';
import { MAX_SPAN_MS, MIN_SPAN_MS } from './time-window.ts';
import type { Travel } from './use-travel.ts';

/** What is seen, and the buttons that move it; each has a key too. */
export function Toolbar({ travel, now }: { travel: Travel; now: number }) {
  const { window, isLive } = travel;
  return (
    <div class="timeline-top">
      <h1 id="timeline-title">Timeline</h1>
      <p class="timeline-now">
        {isLive ? (
          `the last ${duration(window.spanMs)}`
        ) : (
          <>
            <b>paused at {clockTime(window.end).slice(0, 8)}</b>, {duration(now - window.end)} behind
          </>
        )}
      </p>
      <fieldset class="timeline-tools" aria-label="Move the picture">
        <button type="button" title="Earlier (←)" onClick={() => travel.pan(-window.spanMs / 2)}>
          Earlier
        </button>
        <button type="button" title="Later (→)" disabled={isLive} onClick={() => travel.pan(window.spanMs / 2)}>
          Later
        </button>
        <button
          type="button"
          title="Wider (−)"
          aria-label="Show a longer time"
          disabled={window.spanMs >= MAX_SPAN_MS}
          onClick={() => travel.zoom(2)}
        >
          −
        </button>
        <output aria-label="Time shown">{duration(window.spanMs)}</output>
        <button
          type="button"
          title="Narrower (+)"
          aria-label="Show a shorter time"
          disabled={window.spanMs <= MIN_SPAN_MS}
          onClick={() => travel.zoom(1 / 2)}
        >
          +
        </button>
        <button type="button" title="Space" class="timeline-live" onClick={isLive ? travel.pause : travel.goLive}>
          {isLive ? 'Pause' : 'Live'}
        </button>
      </fieldset>
    </div>
  );
}
