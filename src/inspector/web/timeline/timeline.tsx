import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ViewProps } from '../view-props.ts';
import '../style/timeline.css';
import { useWidth } from '../parts/use-width.ts';
import { placeIn } from '../place.ts';
import { Changes } from './changes.tsx';
import { type Explained, ExplanationCard } from './explanation.tsx';
import { Hatchings } from './hatchings.tsx';
import { LaneName } from './lane-name.tsx';
import { LaneRow } from './lane-row.tsx';
import { lanesOf, marksByLane, type NamedLane } from './lanes-of.ts';
import { Legend } from './legend.tsx';
import { TimeAxis } from './time-axis.tsx';
import { drawnOf } from './time-window.ts';
import { Toolbar } from './toolbar.tsx';
import { useDragging } from './use-dragging.ts';
import { useExplained } from './use-explained.ts';
import { useTravel, useTravelKeys } from './use-travel.ts';
import { useVisitedAgain } from './use-visited-again.ts';

/** In pixels, as the style sheet has it. */
const LANE_HEIGHT = 48;
const AXIS_HEIGHT = 24;
const CARD_WIDTH = 320;

/** What became of each model, and of the cache, in the last half hour. */
export function Timeline({ view: now, chosen }: ViewProps) {
  const travel = useTravel(now);
  const { window, view } = travel;
  const section = useRef<HTMLElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const width = useWidth(plot);
  const { explained, explain, leave, close } = useExplained();
  const place = useMemo(() => (chosen === null ? null : placeIn(chosen)), [chosen]);

  const byLane = useMemo(() => marksByLane(view.marks), [view.marks]);
  const lanes = useMemo(() => lanesOf(view, byLane), [view, byLane]);
  const drawn = drawnOf(window);
  const pxPerMs = width / window.spanMs;
  const offset = (window.end - window.spanMs - drawn.from) * pxPerMs;

  useTravelKeys(travel, close);
  useDragging(plot, travel, pxPerMs);
  const isKnown = now.at > 0;
  const visit = (): void => {
    if (!isKnown || place === null) return;
    document.getElementById(`lane ${place.lane}`)?.scrollIntoView({ block: 'nearest' });
    if (place.at !== null) travel.goTo(place.at);
  };
  useEffect(visit, [place, isKnown]);
  useVisitedAgain(section, visit);

  // A key can lead to a point beyond the edge.
  useEffect(() => {
    if (explained === null) return;
    const { at } = explained.point;
    if (at > window.end || at < window.end - window.spanMs) travel.goTo(at);
  }, [explained]);

  return (
    <section class="timeline" ref={section} aria-labelledby="timeline-title">
      <Hatchings />
      <Toolbar travel={travel} now={now.at} />
      {lanes.length === 0 && isKnown && <p class="timeline-none">There is no model yet.</p>}
      <div class="timeline-lanes" hidden={lanes.length === 0} onPointerLeave={leave}>
        <ul class="lane-names" aria-label="Lanes">
          {lanes.map((lane) => (
            <LaneName
              key={lane.id}
              lane={lane}
              at={travel.isLive ? null : window.end}
              isChosen={lane.id === place?.lane}
            />
          ))}
        </ul>
        <div class="plot" ref={plot}>
          {width > 0 && (
            <div class="strip" style={{ transform: `translateX(${Math.round(-offset)}px)` }}>
              <TimeAxis
                from={drawn.from}
                to={drawn.to}
                pxPerMs={pxPerMs}
                height={AXIS_HEIGHT + lanes.length * LANE_HEIGHT}
              />
              {lanes.map((lane) => (
                <LaneRow
                  key={lane.id}
                  id={lane.id}
                  marks={lane.marks}
                  samples={lane.samples}
                  since={lane.since}
                  present={lane.present}
                  from={drawn.from}
                  to={drawn.to}
                  pxPerMs={pxPerMs}
                  isChosen={lane.id === place?.lane}
                  explained={explained?.lane === lane.id ? explained.point.key : null}
                  onPoint={explain}
                />
              ))}
            </div>
          )}
        </div>
        {explained !== null && (
          <ExplanationCard
            explained={explained}
            {...cardPlace(explained, lanes, (explained.point.at - drawn.from) * pxPerMs - offset, width)}
            onClose={close}
          />
        )}
      </div>
      <Legend />
      <Changes marks={view.marks} />
    </section>
  );
}

/** Where the card stands: beside its point, on the side where there is more room. */
function cardPlace({ lane }: Explained, lanes: readonly NamedLane[], x: number, width: number) {
  const index = Math.max(
    0,
    lanes.findIndex(({ id }) => id === lane),
  );
  const isAbove = index > 2 && index >= lanes.length / 2;
  const top = AXIS_HEIGHT + (isAbove ? index : index + 1) * LANE_HEIGHT;
  return { left: Math.max(0, Math.min(x - CARD_WIDTH / 2, width - CARD_WIDTH)), top, isAbove };
}
