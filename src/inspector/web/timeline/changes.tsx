import { memo } from 'preact/compat';
import type { Mark } from '../../protocol.ts';
import { clockTime } from '../format.ts';
import { modelId } from '../ids.ts';
import { markState } from '../mark-state.ts';
import { placeOf } from '../place.ts';
import { hashOf } from '../route.ts';
import { whyOf } from '../words.ts';

/** Changes that are listed. */
const MOST = 50;

/** The last changes in words, newest first: the same facts as the lanes'. */
export const Changes = memo(function Changes({ marks }: { marks: readonly Mark[] }) {
  const last = marks.slice(-MOST).reverse();
  return (
    <section class="changes" aria-labelledby="changes-title">
      <h2 id="changes-title">Last changes</h2>
      {last.length === 0 && <p>Nothing has changed yet.</p>}
      <ol>
        {last.map((mark) => (
          <Change key={mark.n} mark={mark} />
        ))}
      </ol>
    </section>
  );
});

function Change({ mark }: { mark: Mark }) {
  const { title, why, requestId } = whyOf(mark);
  const lane = mark.model === null ? 'cache' : modelId(mark.model);
  return (
    <li>
      <a href={hashOf({ view: 'timeline', chosen: placeOf({ lane, at: mark.at }) })}>
        <time>{clockTime(mark.at)}</time>
      </a>
      <span class="change-lane cut" title={mark.model ?? 'cache'}>
        {mark.model ?? 'cache'}
      </span>
      <span>
        <b data-state={markState(mark)}>{title}</b>: {why}
        {requestId !== undefined && (
          <>
            , request <a href={hashOf({ view: 'requests', chosen: requestId })}>{requestId}</a>
          </>
        )}
      </span>
    </li>
  );
}
