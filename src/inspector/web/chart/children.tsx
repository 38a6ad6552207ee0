import type { ActorInfo } from '../../protocol.ts';
import { modelOf } from '../ids.ts';
import { hashOf } from '../route.ts';
import type { View } from '../view.ts';

/** The actors that one has started, as plain cards with links; a model's slots say whether they are busy. */
export function Children({ view, actor }: { view: View; actor: ActorInfo }) {
  const children = Object.values(view.actors).filter(({ info }) => info.parent === actor.id);
  if (children.length === 0) return null;
  const figures = view.models[modelOf(actor.id) ?? ''];
  return (
    <section class="chart-children" aria-label="Its actors">
      <h2>{actor.kind === 'model' ? 'Slots' : 'Its actors'}</h2>
      {actor.kind === 'model' && figures !== undefined && (
        <p class="chart-hint">
          {figures.running} running, {figures.lingering} lingering
        </p>
      )}
      <ul>
        {children.map(({ info }) => (
          <li key={info.id}>
            <a href={hashOf({ view: 'chart', chosen: info.id })} class={isBusy(view, info) ? 'busy' : undefined}>
              {info.id.slice(info.id.lastIndexOf('#') + 1)}
              {info.id.includes('#slot:') && <small>{isBusy(view, info) ? 'busy' : 'idle'}</small>}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whether a slot has a call; false for any other actor. */
export function isBusy({ models }: Pick<View, 'models'>, { id, parent }: ActorInfo): boolean {
  const [, slot] = /#slot:(\d+)$/.exec(id) ?? [];
  return slot !== undefined && models[modelOf(parent!) ?? '']?.busySlots.includes(Number(slot)) === true;
}
