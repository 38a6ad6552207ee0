import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Session } from '../../protocol.ts';
import '../style/panel.css';
import { modelId } from '../ids.ts';
import { useNow } from '../parts/now.ts';
import { WhyOf } from '../parts/why.tsx';
import type { View } from '../view.ts';
import { ModelPanel } from './model-panel.tsx';

interface PanelProps {
  readonly view: View;
  readonly chosen: string | null;
  readonly isLive: boolean;
  readonly session: Session;
}

const LATEST = 12;
/** Where the page shows the panel in place of the cards; the style sheet knows the same. */
const LIST = '(max-width: 1180px)';

/** The chosen model; without one, what happened last to any. */
export function Panel({ view, chosen, isLive, session }: PanelProps) {
  const name = chosen === null ? undefined : Object.keys(view.models).find((model) => modelId(model) === chosen);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (chosen === null || !matchMedia(LIST).matches) return;
    // The card that had the focus has given way to the panel.
    panel.current!.scrollIntoView();
    panel.current!.focus();
  }, [chosen]);
  return (
    <aside ref={panel} class="panel" aria-label="Details" tabIndex={-1}>
      {chosen === null ? (
        <Latest view={view} isLive={isLive} />
      ) : name === undefined ? (
        <>
          <h2 class="panel-name">{chosen}</h2>
          <p class="quiet">
            There is no such model now. <a href="#/fleet">Show the fleet</a>
          </p>
        </>
      ) : (
        <ModelPanel key={name} name={name} figures={view.models[name]!} view={view} isLive={isLive} session={session} />
      )}
    </aside>
  );
}

function Latest({ view, isLive }: Pick<PanelProps, 'view' | 'isLive'>) {
  const now = useNow(1_000, isLive);
  const latest = useMemo(() => view.marks.slice(-LATEST).reverse(), [view.marks]);
  return (
    <>
      <h2>Latest changes</h2>
      {latest.length === 0 ? (
        <p class="quiet">Nothing has changed yet.</p>
      ) : (
        <ul class="whys">
          {latest.map((mark) => (
            <WhyOf key={mark.n} mark={mark} now={now} of={mark.model ?? undefined} />
          ))}
        </ul>
      )}
      <h2>How to read the graph</h2>
      <dl class="legend">
        <div>
          <dt class="legend-edge" />
          <dd>requests of the last minute, by the width</dd>
        </div>
        <div>
          <dt class="legend-edge legend-fallback" />
          <dd>on to another model, when one does not serve; at once from where they come, when no target takes them</dd>
        </div>
        <div>
          <dt class="legend-slots">
            <i data-slot="busy" />
            <i data-slot="free" />
            <i data-slot="barred" />
          </dt>
          <dd>slots: busy, free, over the running limit</dd>
        </div>
      </dl>
    </>
  );
}
