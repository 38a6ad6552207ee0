import { words } from './format.ts';
import { hashOf, type Route, VIEWS } from './route.ts';
import type { View } from './view.ts';

/** The four views, and the actors, each with a link. */
export function Navigation({ view, route }: { view: View; route: Route }) {
  const actors = Object.values(view.actors).filter(({ info }) => info.kind !== 'logic');
  return (
    <nav class="navigation" aria-label="views and actors">
      {VIEWS.map((name) => (
        <a
          key={name}
          href={hashOf({ view: name, chosen: null })}
          aria-current={route.view === name ? 'page' : undefined}
        >
          {name[0]!.toUpperCase() + name.slice(1)}
        </a>
      ))}
      <h2>Actors</h2>
      {actors.map(({ info }) => (
        <a
          key={info.id}
          class="actor"
          href={hashOf({ view: 'chart', chosen: info.id })}
          aria-current={route.view === 'chart' && route.chosen === info.id ? 'true' : undefined}
          data-state={stateOf(view, info.id)}
        >
          <span>{info.id}</span>
          <small>{words(stateOf(view, info.id) ?? '')}</small>
        </a>
      ))}
    </nav>
  );
}

/** What colours an actor: its breaker's state, or the only state that it has. */
function stateOf(view: View, id: string): string | undefined {
  const state = view.actors[id]?.state;
  if (state === undefined || state === null) return undefined;
  if (typeof state === 'string') return state;
  return typeof state['breaker'] === 'string' ? state['breaker'] : undefined;
}
