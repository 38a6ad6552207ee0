import { memo } from 'preact/compat';
import type { ModelFigures } from '../../protocol.ts';
import { count, counted, duration, share } from '../format.ts';
import '../style/card.css';
import { modelId } from '../ids.ts';
import { Flash } from '../parts/flash.tsx';
import { Remaining } from '../parts/remaining.tsx';
import { StateWord } from '../parts/state-word.tsx';
import { hashOf } from '../route.ts';
import { noticesOf } from './notices.ts';
import { QueueBar } from './queue-bar.tsx';
import { Slots } from './slots.tsx';

interface CardProps {
  readonly name: string;
  readonly figures: ModelFigures;
  readonly isLive: boolean;
  readonly isChosen: boolean;
}

/** A model at a glance. */
export const Card = memo(({ name, figures, isLive, isChosen }: CardProps) => {
  const { breaker, control, provider, model, depth, maxQueueDepth, running, maxConcurrency, minute } = figures;
  const { successes, failures, rateLimited, latencyMs, timeToFirstTokenMs } = minute;
  return (
    <article class="card" data-state={breaker.state} data-chosen={isChosen || undefined}>
      <Flash of={breaker.state} />
      <h2>
        <a
          href={hashOf({ view: 'fleet', chosen: modelId(name) })}
          title={name}
          aria-current={isChosen ? 'true' : undefined}
        >
          {name}
        </a>
        {control !== 'active' && (
          <span class="chip" data-state={control}>
            {control}
          </span>
        )}
        <StateWord breaker={breaker} isLive={isLive} />
      </h2>
      <p class="card-what">
        <span class="cut" title={backendWords(provider, model)}>
          {backendWords(provider, model)}
        </span>
        {noticesOf(figures).map(({ state, text, until }) => (
          <span key={text} class="notice cut" title={text} data-state={state} data-until={until !== null || undefined}>
            {text}
            {until !== null && (
              <>
                {' '}
                <Remaining until={until} isLive={isLive} />
              </>
            )}
          </span>
        ))}
      </p>
      <div class="card-load">
        <QueueBar figures={figures} />
        <Slots figures={figures} />
      </div>
      <dl class="figures" data-limited={rateLimited > 0 || undefined}>
        <Figure of="queue" value={depth} limit={maxQueueDepth} />
        <Figure of="running" value={running} limit={maxConcurrency} />
        <Figure of="success" value={share(successes, successes + failures)} />
        {rateLimited > 0 && <RateLimited calls={rateLimited} />}
        <Figure of="p50" value={duration(latencyMs.p50)} />
        <Figure of="p95" value={duration(latencyMs.p95)} />
        <Figure of="first token" value={duration(timeToFirstTokenMs.p50)} />
      </dl>
    </article>
  );
});

export const backendWords = (provider: string, model: string | null): string =>
  model === null ? provider : `${provider} · ${model}`;

/** Calls that were answered 429: they are neither successes nor failures. */
function RateLimited({ calls }: { calls: number }) {
  const said = `${counted(calls, 'call')} rate limited in the last minute`;
  return (
    <div class="notice" data-state="limited" title={said}>
      <dt>
        <span aria-hidden="true">429</span>
        <span class="unseen">rate limited</span>
      </dt>
      <dd>
        <span aria-hidden="true">× {count(calls)}</span>
        <span class="unseen">{said}</span>
      </dd>
    </div>
  );
}

function Figure({ of, value, limit }: { of: string; value: string | number; limit?: number }) {
  return (
    <div>
      <dt>{of}</dt>
      <dd>
        {value}
        {limit !== undefined && <small>/{limit}</small>}
      </dd>
    </div>
  );
}
