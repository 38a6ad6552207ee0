import { CHARTS } from 'virtual:charts';
import { useState } from 'preact/hooks';
import type { Box } from '../../chart/placed-chart.ts';
import { hashOf } from '../route.ts';
import type { ViewProps } from '../view-props.ts';
import '../style/chart.css';
import type { ActorView, View } from '../view.ts';
import { stateText } from './active.ts';
import { ActorLog } from './actor-log.tsx';
import { Children, isBusy } from './children.tsx';
import './drawing.css';
import { Explanation } from './explanation.tsx';
import { useFlashes } from './flashes.ts';
import { Regions } from './regions.tsx';
import { Sharing } from './sharing.tsx';
import { Stage } from './stage.tsx';

/** The statechart of an actor, as it runs. */
export function Chart({ view, chosen }: ViewProps) {
  const actor = chosenActor(view, chosen);
  if (actor !== undefined) return <ActorChart key={actor.info.id} view={view} actor={actor} />;
  return (
    <div class="chart-missing">
      <h1>Chart</h1>
      <p>{chosen === null ? 'No actor is running yet.' : `No actor with the id ${chosen} is running.`}</p>
    </div>
  );
}

/** Whom the link names; without one, the first model, else the root. */
export function chosenActor({ actors }: Pick<View, 'actors'>, chosen: string | null): ActorView | undefined {
  if (chosen !== null) return Object.hasOwn(actors, chosen) ? actors[chosen] : undefined;
  const all = Object.values(actors);
  return all.find(({ info }) => info.kind === 'model') ?? all.find(({ info }) => info.parent === null);
}

function ActorChart({ view, actor }: { view: View; actor: ActorView }) {
  const { info, state, counts } = actor;
  const chart = CHARTS[info.kind];
  const fired = useFlashes(actor);
  const [shown, setShown] = useState<Box | null>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const [picked, setPicked] = useState<string | null>(null);
  return (
    <div class="chart-view">
      <div class="chart-head">
        <h1>{info.id}</h1>
        {state !== null && <p class="chart-state">{stateText(state)}</p>}
        {info.parent !== null && (
          <p>
            child of <a href={hashOf({ view: 'chart', chosen: info.parent })}>{info.parent}</a>
          </p>
        )}
        {chart !== undefined && <Regions chart={chart} onShow={setShown} />}
        <Sharing actor={info.id} chart={chart} state={state} counts={counts} />
      </div>
      {chart === undefined ? (
        <div class="chart-plain">
          <h2>{info.id}</h2>
          {info.id.includes('#slot:') && <p>It is {isBusy(view, info) ? 'busy with a call' : 'idle'}.</p>}
          <p>This actor has no modes, so it runs no statechart. What it is sent and sends is below.</p>
        </div>
      ) : (
        <Stage
          label={`Statechart of ${info.id}`}
          shows={shown}
          chart={chart}
          active={state}
          counts={counts}
          fired={fired}
          onPoint={setPointed}
          onFocus={setFocused}
          onChoose={setPicked}
        />
      )}
      <div class="chart-side">
        {chart !== undefined && <Explanation chart={chart} part={pointed ?? focused ?? picked} counts={counts} />}
        <Children view={view} actor={info} />
      </div>
      <ActorLog log={view.log} actor={info.id} dropped={view.dropped} />
    </div>
  );
}
