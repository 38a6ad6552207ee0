import { words } from './format.ts';
import { modelOf } from './ids.ts';
import { hashOf, type Route, VIEWS } from './route.ts';
import { presentWord } from './timeline/lanes-of.ts';
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
                <Actor
                  key={info.id}
                  id={info.id}
                  present={presentOf(view, info.id)}
                  isChosen={route.view === 'chart' && route.chosen === info.id}
                />
              ))}
            </div>
          ),
      )}
    </nav>
  );
}

function Actor({ id, present, isChosen }: { id: string; present: Said; isChosen: boolean }) {
  return (
    <a
      class="actor"
      href={hashOf({ view: 'chart', chosen: id })}
      aria-current={isChosen ? 'true' : undefined}
      data-state={present?.state}
      title={id}
    >
      <span class="cut">{modelOf(id) ?? id}</span>
      <small>{words(present?.word ?? '')}</small>
    </a>
  );
}

type Said = { readonly state: string; readonly word: string } | null;

/** What is the case with an actor, in a word, and what colours it; null: its states have no word for it. */
export function presentOf({ models, actors }: View, id: string): Said {
  const model = models[modelOf(id) ?? ''];
  if (model !== undefined) {
    const { breaker, control, limitedUntil, maxQueueDepth } = model;
    return presentWord({
      breaker: breaker.state,
      control,
      isLimited: limitedUntil !== null,
      maxDepth: maxQueueDepth,
    });
  }
  const state = actors[id]?.state;
  return typeof state === 'string' ? { state, word: state } : null;
}
