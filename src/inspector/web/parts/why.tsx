import type { Mark } from '../../protocol.ts';
import { ago, clockTime } from '../format.ts';
import { modelId } from '../ids.ts';
import { hashOf } from '../route.ts';
import { whyOf } from '../words.ts';

/** One thing that happened, how long ago, and why; with a link to the request that brought it about. */
export function WhyOf({ mark, now, of }: { mark: Mark; now: number; of?: string | undefined }) {
  const { title, why, requestId } = whyOf(mark);
  return (
    <li class="why" data-state={stateOf(mark)}>
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

/** What colours it. */
function stateOf(mark: Mark): string | undefined {
  switch (mark.kind) {
    case 'breaker':
    case 'control':
    case 'cache':
      return mark.to;
    case 'would_open':
      return 'half_open';
    case 'limit_began':
      return 'limited';
    default:
      return undefined;
  }
}
