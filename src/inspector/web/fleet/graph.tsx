import { memo } from 'preact/compat';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Traffic } from '../../protocol.ts';
import { count, counted } from '../format.ts';
import { modelId } from '../ids.ts';
import { useWidth } from '../parts/use-width.ts';
import type { View } from '../view.ts';
import { Card } from './card.tsx';
import { type Edge, edgesOf } from './edges.ts';
import { type Layout, layoutOf } from './layout.ts';
import { type Routes, routesOf, type Source, sourceId } from './routes.ts';

const NO_RULES = [] as const;

/** The ways from priorities to models to fallbacks, and a card for each model. On a narrow page it is a list of cards. */
export function Graph({ view, chosen, isLive }: { view: View; chosen: string | null; isLive: boolean }) {
  const frame = useRef<HTMLDivElement>(null);
  const available = useWidth(frame);
  // A source or a model that the pointer or the focus is on.
  const [pointed, setPointed] = useState<string | null>(null);
  const { models, router, traffic } = view;
  const names = Object.keys(models);
  const rules = router?.rules ?? NO_RULES;
  // Rules and names come anew with every frame; what they say, which is `said`, seldom changes.
  const said = JSON.stringify([rules, names]);
  const routes = useMemo(() => routesOf(rules, names), [said]);
  const layout = useMemo(() => layoutOf(routes, available), [routes, available]);
  const edges = useMemo(() => edgesOf(routes, traffic, layout), [routes, traffic, layout]);
  const pointing = (id: string) => ({
    onMouseEnter: () => setPointed(id),
    onMouseLeave: () => setPointed(null),
    onFocusCapture: () => setPointed(id),
    onBlurCapture: () => setPointed(null),
  });
  return (
    <div class="graph-frame" ref={frame}>
      <div class="graph" style={{ '--width': `${layout.width}px`, '--height': `${layout.height}px` }}>
        <Edges edges={edges} layout={layout} lit={pointed ?? chosen} isPointed={pointed !== null} />
        <ul class="sources" aria-label="Where requests come from">
          {routes.sources.map((source) => (
            <li
              key={source.id}
              class="source"
              data-priority={source.priority}
              title={`${source.label}: ${source.detail}`}
              style={placed(layout, source.id)}
              {...pointing(source.id)}
            >
              <SourceWords source={source} {...requestsOf(source, routes, traffic)} />
            </li>
          ))}
        </ul>
        <ul class="cards" aria-label="Models">
          {routes.order.map((name) => (
            <li key={name} style={placed(layout, modelId(name))} {...pointing(modelId(name))}>
              <Card name={name} figures={models[name]!} isLive={isLive} isChosen={chosen === modelId(name)} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** The places are the style sheet's to use: a list has none. */
function placed(layout: Layout, id: string) {
  const { x, y, width } = layout.boxes.get(id)!;
  return { '--x': `${x}px`, '--y': `${y}px`, '--w': `${width}px` };
}

/** How many came from it in the last minute, and what exactly that is. */
function requestsOf(source: Source, routes: Routes, traffic: Traffic | null) {
  const { priority } = source;
  if (priority !== null) {
    const settled = traffic?.settled[priority];
    return { requests: settled, what: `${counted(settled ?? 0, 'request')} of this priority in the last minute` };
  }
  const called = traffic?.first
    .filter((way) => sourceId(routes, way.rule, way.priority) === source.id)
    .reduce((sum, way) => sum + way.count, 0);
  return { requests: called, what: `${counted(called ?? 0, 'request')} sent on by this rule in the last minute` };
}

function SourceWords({ source, requests, what }: { source: Source; requests: number | undefined; what: string }) {
  return (
    <>
      <span class="source-name">
        <span class="cut">{source.label}</span>
        <b title={what}>{requests === undefined ? '–' : count(requests)}</b>
      </span>
      <small class="cut">{source.detail}</small>
    </>
  );
}

/** Drawn for the eye; the side panel says the same of each model in words. */
const Edges = memo(
  ({
    edges,
    layout,
    lit,
    isPointed,
  }: {
    edges: readonly Edge[];
    layout: Layout;
    lit: string | null;
    isPointed: boolean;
  }) => {
    return (
      <svg
        class="edges"
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        data-pointed={isPointed || undefined}
        aria-hidden="true"
      >
        <defs>
          <marker
            id="fallback-end"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="9"
            markerHeight="9"
            orient="auto"
            markerUnits="userSpaceOnUse"
          >
            <path d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        {edges.map(({ id, kind, from, to, priority, count: requests, width, path }) => (
          <path
            key={id}
            class={kind === 'target' ? 'edge' : 'edge edge-fallback'}
            d={path}
            data-priority={priority}
            data-unused={requests === 0 || undefined}
            data-lit={from === lit || to === lit || undefined}
            style={{ strokeWidth: width }}
            marker-end={kind === 'fallback' ? 'url(#fallback-end)' : undefined}
          />
        ))}
      </svg>
    );
  },
);
