import { memo } from 'preact/compat';
import { useMemo, useRef } from 'preact/hooks';
import { words } from '../format.ts';
import '../style/lanes.css';
import { breakerBands, cacheBands, controlBands, type Lane, limitBands } from './bands.ts';
import { depthPath, unwatched } from './depth.ts';
import { BAND_HEIGHT, LanePicture, type Scale } from './lane-picture.tsx';
import type { Present } from './lanes-of.ts';
import { PointButton } from './point-button.tsx';
import { isTabStop, type Point, pointsOf, withKept } from './points.ts';

/** How close two points may stand, in pixels. */
const POINT_WIDTH = 14;

export interface LaneProps extends Lane, Scale {
  /** The actor's id. */
  readonly id: string;
  readonly present: Present;
  /** It is pointed at by the address. */
  readonly isChosen: boolean;
  /** The key of the point that is explained; null: none of this lane. */
  readonly explained: number | null;
  readonly onPoint: (lane: string, point: Point, isPinned: boolean) => void;
}

/** One swim-lane: the bands, and under them the points. It is drawn anew when something of it has changed. */
export const LaneRow = memo(function LaneRow(props: LaneProps) {
  const { id, marks, samples, since, from, to, pxPerMs, present, isChosen, explained, onPoint } = props;
  const bands = useMemo(() => bandsOf({ marks, samples, since }, present), [marks, samples, since, present]);
  const depth = useMemo(() => {
    const maxDepth = 'cache' in present ? 1 : present.maxDepth;
    return depthPath(samples, { from, to, pxPerMs, height: BAND_HEIGHT, maxDepth });
  }, [samples, present, from, to, pxPerMs]);
  const gaps = useMemo(() => ('cache' in present ? [] : unwatched(samples, from, to)), [samples, present, from, to]);
  const before = useRef<readonly Point[]>([]);
  const points = useMemo(() => {
    before.current = withKept(pointsOf(marks, samples, POINT_WIDTH / pxPerMs, from, to), before.current);
    return before.current;
  }, [marks, samples, pxPerMs, from, to]);
  return (
    <fieldset class="lane" data-chosen={isChosen} aria-label={`${id}: points`}>
      <LanePicture {...bands} depth={depth} gaps={gaps} from={from} to={to} pxPerMs={pxPerMs} />
      {points.map((point, index) => (
        <PointButton
          key={point.key}
          lane={id}
          point={point}
          x={(point.at - from) * pxPerMs}
          isTabStop={isTabStop(points, index)}
          isExplained={point.key === explained}
          onPoint={onPoint}
        />
      ))}
    </fieldset>
  );
}, isSame);

function bandsOf(lane: Lane, present: Present) {
  if ('cache' in present) return { states: cacheBands(lane, present.cache), overlays: [] };
  const limited = limitBands(lane, present.isLimited).filter(({ value }) => value);
  const held = controlBands(lane, present.control).filter(({ value }) => value !== 'active');
  return {
    states: breakerBands(lane, present.breaker),
    overlays: [
      ...limited.map((band) => ({ ...band, value: 'rate limited', kind: 'limited' as const })),
      ...held.map((band) => ({ ...band, value: words(band.value), kind: 'hatched' as const })),
    ],
  };
}

/** What is the case now is told anew with every frame, the same or not. */
function isSame(before: LaneProps, after: LaneProps): boolean {
  return (Object.keys(after) as (keyof LaneProps)[]).every(
    (name) => before[name] === after[name] || (name === 'present' && isAlike(before.present, after.present)),
  );
}

const isAlike = (a: Present, b: Present): boolean =>
  Object.entries(a).every(([name, value]) => b[name as keyof Present] === value);
