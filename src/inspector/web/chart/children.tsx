import type { ActorInfo } from '../../protocol.ts';
import { hashOf } from '../route.ts';
import type { View } from '../view.ts';

/** The actors below one, as plain cards with links; a model's slots say whether they are busy. */
export function Children({ view, actor }: { view: View; actor: ActorInfo }) {
  const children = Object.values(view.actors).filter(({ info }) => info.parent === actor.id);
  if (children.length === 0) return null;
  const figures = view.models[actor.id.replace(/^model:/, '')];
  return (
    <section class="chart-children" aria-label="Actors below it">
      <h2>{actor.kind === 'model' ? 'Slots' : 'Actors below it'}</h2>
      {actor.kind === 'model' && figures !== undefined && (
        <p class="chart-hint">
          {figures.running} running, {figures.lingering} lingering
        </p>
      )}
      <ul>
        {children.map(({ info }) => (
          <li key={info.id}>
            <a href={hashOf({ view: 'chart', chosen: info.id })} class={isBusy(view, info) ? 'busy' : undefined}>
              {info.id.slice(info.id.lastIndexOf('/') + 1)}
              {info.id.includes('/slot:') && <small>{isBusy(view, info) ? 'busy' : 'idle'}</small>}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whether a slot has a call; false for any other actor. */
export function isBusy({ models }: Pick<View, 'models'>, { id, parent }: ActorInfo): boolean {
  const [, slot] = /\/slot:(\d+)$/.exec(id) ?? [];
  return slot !== undefined && models[parent!.replace(/^model:/, '')]?.busySlots.includes(Number(slot)) === true;
}
