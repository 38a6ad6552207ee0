import type { ViewProps } from '../view-props.ts';
import '../style/fleet.css';
import { CacheStrip } from './cache-strip.tsx';
import { Graph } from './graph.tsx';
import { Panel } from './panel.tsx';

/** Where requests go, how every model is, and what was changed; the first thing that one sees. */
export function Fleet({ view, connection, chosen, session }: ViewProps) {
  const isLive = connection === 'live';
  const { router, models } = view;
  if (router === null) {
    return (
      <div class="nothing">
        <h1 class="unseen">Fleet</h1>
        <p>{connection === 'lost' ? 'Nothing has come from the router yet.' : 'Waiting for the router…'}</p>
      </div>
    );
  }
  return (
    <div class="fleet" data-stale={!isLive || undefined}>
      <h1 class="unseen">Fleet</h1>
      <div class="fleet-main" data-chosen={chosen !== null || undefined}>
        <CacheStrip router={router} />
        {Object.keys(models).length === 0 ? (
          <div class="nothing">
            <p>No models yet.</p>
            <p>
              Add one with <code>router.addModel()</code>; it appears here at once.
            </p>
          </div>
        ) : (
          <Graph view={view} chosen={chosen} isLive={isLive} />
        )}
      </div>
      <Panel view={view} chosen={chosen} isLive={isLive} session={session} />
    </div>
  );
}
