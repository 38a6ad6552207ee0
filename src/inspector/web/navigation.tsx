import { words } from './format.ts';
import { hashOf, type Route, VIEWS } from './route.ts';
import type { View } from './view.ts';

/** The four views, and the actors, each with a link. */
export function Navigation({ view, route }: { view: View; route: Route }) {
  const actors = Object.values(view.actors).filter(({ info }) => info.kind !== 'logic');
  const groups = [
    ['Actors', actors.filter(({ info }) => info.kind !== 'model')],
    ['Models', actors.filter(({ info }) => info.kind === 'model')],
  ] as const;
  return (
    <nav class="navigation" aria-label="Views and actors">
      <div class="navigation-views">
        {VIEWS.map((name) => (
          <a
            key={name}
            href={hashOf({ view: name, chosen: null })}
            aria-current={route.view === name ? 'page' : undefined}
          >
            {name[0]!.toUpperCase() + name.slice(1)}
          </a>
        ))}
      </div>
      {groups.map(
        ([title, group]) =>
          group.length > 0 && (
            <div key={title} class="navigation-actors">
              <h2>{title}</h2>
              {group.map(({ info }) => (
                <a
                  key={info.id}
                  class="actor"
                  href={hashOf({ view: 'chart', chosen: info.id })}
                  aria-current={route.view === 'chart' && route.chosen === info.id ? 'true' : undefined}
                  data-state={stateOf(view, info.id)}
                  title={info.id}
                >
                  <span class="cut">{info.id.replace(/^model:/, '')}</span>
                  <small>{words(stateOf(view, info.id) ?? '')}</small>
                </a>
              ))}
            </div>
          ),
      )}
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
