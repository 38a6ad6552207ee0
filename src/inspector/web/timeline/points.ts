import type { Happened, Mark, Sample } from '../../protocol.ts';

export const HAPPENINGS = ['failures', 'rateLimited', 'displaced'] as const;
export type Happening = (typeof HAPPENINGS)[number];

/** What happened in one second. */
export interface Event {
  readonly kind: Happening;
  /** The end of the second. */
  readonly at: number;
  readonly happened: Happened;
}

/** What can be pointed at: all that stands so close together that it is drawn as one. */
export interface Point {
  /** The same while the scale is. */
  readonly key: number;
  /** Where it is drawn. */
  readonly at: number;
  readonly marks: readonly Mark[];
  readonly events: readonly Event[];
}

/** Half a second before its end, what happened in a second is drawn. */
const HALF_MS = 500;

/** The points of a lane from the oldest to the newest; what falls into the same `binMs` is one. */
export function pointsOf(
  marks: readonly Mark[],
  samples: readonly Sample[],
  binMs: number,
  from: number,
  to: number,
): Point[] {
  const bins = new Map<number, { marks: Mark[]; events: Event[] }>();
  const binOf = (at: number): { marks: Mark[]; events: Event[] } => {
    const key = Math.floor(at / binMs);
    const known = bins.get(key);
    if (known !== undefined) return known;
    const bin = { marks: [], events: [] };
    bins.set(key, bin);
    return bin;
  };
  for (const mark of marks) if (mark.at >= from && mark.at <= to) binOf(mark.at).marks.push(mark);
  for (const sample of samples) {
    const { at } = sample;
    if (at < from || at > to) continue;
    for (const kind of HAPPENINGS) {
      const happened = sample[kind];
      if (happened !== undefined) binOf(at - HALF_MS).events.push({ kind, at, happened });
    }
  }
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([key, bin]) => ({ key, at: bin.marks.at(-1)?.at ?? (key + 0.5) * binMs, ...bin }));
}

/** Whether Tab stops at a point: at every change, and at the first point of a lane that has none. */
export const isTabStop = (points: readonly Point[], index: number): boolean =>
  points[index]!.marks.length > 0 || (index === 0 && points.every(({ marks }) => marks.length === 0));

/** What a point looks like: its weightiest part. */
export type Sign = 'breaker' | 'control' | 'limit' | Happening;

export function signOf({ marks, events }: Point): Sign {
  const signs = [...marks.map(signOfMark), ...events.map(({ kind }) => kind)];
  return WEIGHT.find((sign) => signs.includes(sign)) ?? 'failures';
}

const WEIGHT: readonly Sign[] = ['breaker', 'control', 'limit', 'displaced', 'rateLimited', 'failures'];

function signOfMark({ kind }: Mark): Sign {
  if (kind === 'limit_began' || kind === 'limit_ended') return 'limit';
  return kind === 'breaker' || kind === 'would_open' || kind === 'cache' ? 'breaker' : 'control';
}

/** The state that a point's last change led to; undefined: it holds none. */
export function stateOf({ marks }: Point): string | undefined {
  const last = marks.findLast(({ kind }) => kind === 'breaker' || kind === 'cache' || kind === 'control');
  return last !== undefined && 'to' in last ? last.to : undefined;
}

/** The same points, but those that have not changed keep the identity that they had. */
export function withKept(points: readonly Point[], before: readonly Point[]): readonly Point[] {
  const known = new Map(before.map((point) => [point.key, point]));
  return points.map((point) => {
    const old = known.get(point.key);
    return old !== undefined && isSame(old, point) ? old : point;
  });
}

/** Nothing is ever put between what a point holds. */
const isSame = (a: Point, b: Point): boolean =>
  a.at === b.at &&
  a.marks.length === b.marks.length &&
  a.events.length === b.events.length &&
  a.marks[0] === b.marks[0] &&
  a.events[0]?.happened === b.events[0]?.happened;
