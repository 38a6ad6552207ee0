import type { Mark } from '../../protocol.ts';
import { ago, clockTime } from '../format.ts';
import { modelId } from '../ids.ts';
import { markState } from '../mark-state.ts';
import { hashOf } from '../route.ts';
import { whyOf } from '../words.ts';

/** One thing that happened, how long ago, and why; with a link to the request that brought it about. */
export function WhyOf({ mark, now, of }: { mark: Mark; now: number; of?: string | undefined }) {
  const { title, why, requestId } = whyOf(mark);
  return (
    <li class="why" data-state={markState(mark)}>
      <b title={clockTime(mark.at)}>
        {title} {ago(now - mark.at)}
      </b>
      <span>
        {of !== undefined && (
          <>
            <a class="why-of" href={hashOf({ view: 'fleet', chosen: modelId(of) })}>
              {of}
            </a>
            :{' '}
          </>
        )}
        {why}
        {requestId !== undefined && (
          <>
            , request <a href={hashOf({ view: 'requests', chosen: requestId })}>{requestId}</a>
          </>
        )}
      </span>
    </li>
  );
}
