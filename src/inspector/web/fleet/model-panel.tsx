import { useMemo } from 'preact/hooks';
import type { ModelFigures, Session } from '../../protocol.ts';
import { Controls } from '../controls/controls.tsx';
import { modelId } from '../ids.ts';
import { useNow } from '../parts/now.ts';
import { WhyOf } from '../parts/why.tsx';
import { hashOf } from '../route.ts';
import type { View } from '../view.ts';
import { barWords } from './bar-words.ts';
import { BreakerFigure } from './breaker-figure.tsx';
import { backendWords } from './card.tsx';
import { trafficWords } from './traffic-words.ts';

const LATEST = 4;

/** One model: its breaker, what happened to it and why, and what an operator can do. */
export function ModelPanel({
  name,
  figures,
  view: { marks, traffic, router },
  isLive,
  session,
}: {
  name: string;
  figures: ModelFigures;
  view: View;
  isLive: boolean;
  session: Session;
}) {
  const now = useNow(1_000, isLive);
  const own = useMemo(() => marks.filter(({ model }) => model === name).reverse(), [marks, name]);
  const rules = router?.rules;
  const lines = useMemo(
    () => (traffic === null ? [] : trafficWords(traffic, rules ?? [], name)),
    [traffic, rules, name],
  );
  const change = own.find((mark) => mark.kind === 'breaker');
  const actor = modelId(name);
  return (
    <>
      <div class="panel-head">
        <h2 class="panel-name" title={name}>
          {name}
        </h2>
        <a class="close" href="#/fleet" aria-label="Show the fleet" title="Show the fleet">
          ×
        </a>
      </div>
      <p class="quiet cut" title={backendWords(figures.provider, figures.model)}>
        {backendWords(figures.provider, figures.model)}
      </p>
      <BreakerFigure breaker={figures.breaker} change={change} />
      <h3>Last changes</h3>
      {own.length === 0 ? (
        <p class="quiet">Nothing has happened to it.</p>
      ) : (
        <ul class="whys">
          {own.slice(0, LATEST).map((mark) => (
            <WhyOf key={mark.n} mark={mark} now={now} />
          ))}
        </ul>
      )}
      <h3>Controls</h3>
      <Controls name={name} figures={figures} session={session} />
      <h3>Queue</h3>
      <p class="lines">{barWords(figures)}</p>
      <h3>Last minute</h3>
      <ul class="lines">
        {lines.length === 0 && <li>No request that it was called for has settled.</li>}
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p class="ways">
        <a href={hashOf({ view: 'chart', chosen: actor })}>Chart</a>
        <a href={hashOf({ view: 'timeline', chosen: actor })}>Timeline</a>
      </p>
    </>
  );
}
