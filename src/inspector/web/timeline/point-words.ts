import { clockTime, counted, words } from '../format.ts';
import { type Why, whyOf } from '../words.ts';
import type { Event, Happening, Point } from './points.ts';

/** One thing at a point, in words. */
export interface Explanation extends Why {
  readonly at: number;
}

const NOUNS: Readonly<Record<Happening, string>> = {
  failures: 'failed call',
  rateLimited: 'call answered 429',
  displaced: 'displaced request',
};

/** All that a point holds, newest first. */
export function explanationsOf({ marks, events }: Point): Explanation[] {
  return [...marks.map((mark) => ({ at: mark.at, ...whyOf(mark) })), ...events.map(explained)].sort(
    (a, b) => b.at - a.at,
  );
}

function explained({ kind, at, happened: { count, requestId, status, code } }: Event): Explanation {
  const title = kind === 'rateLimited' && count > 1 ? `${count} calls answered 429` : counted(count, NOUNS[kind]);
  const details = [
    ...(status === undefined || kind === 'rateLimited' ? [] : [`status ${status}`]),
    ...(code === undefined ? [] : [words(code)]),
  ];
  const of = count > 1 ? 'the last of them: ' : '';
  const what = kind === 'displaced' ? 'it gave its place to a more important one' : details.join(', ');
  return { at, title, why: `${of}${what === '' ? 'no more is known' : what}`, requestId };
}

/** A point in a sentence: its last change, as its shape is a change's, or else what happened last. */
export function pointLabel(point: Point): string {
  const count = point.marks.length + point.events.length;
  const { title, at } = explanationsOf(point.marks.length > 0 ? { ...point, events: [] } : point)[0]!;
  const more = count > 1 ? `, and ${count - 1} more` : '';
  return `${title} at ${clockTime(at).slice(0, 8)}${more}`;
}
