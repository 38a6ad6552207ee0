import type { CacheState } from '../../../../machines/cache/events.ts';
import type { BreakerState } from '../../../breaker/state.ts';
import type { ControlState } from '../../../routing/model-view.ts';
import type { Mark, Sample } from '../../protocol.ts';

/** What held from one time to another. */
export interface Band<Value> {
  readonly from: number;
  readonly to: number;
  readonly value: Value;
}

/** All that is known of one lane. */
export interface Lane {
  /** Of this model or the cache alone, oldest first. */
  readonly marks: readonly Mark[];
  readonly samples: readonly Sample[];
  /** From when on every mark is known. */
  readonly since: number;
}

interface Change<Value> {
  readonly at: number;
  /** null: before it nothing was known. */
  readonly from: Value | null;
  /** null: it is there no more. */
  readonly to: Value | null;
}

export const breakerBands = (lane: Lane, now: BreakerState): Band<BreakerState>[] =>
  bandsOf(
    lane,
    (mark) => (mark.kind === 'breaker' ? mark : null),
    ({ breaker }) => breaker,
    'closed',
    now,
  );

export const controlBands = (lane: Lane, now: ControlState): Band<ControlState>[] =>
  bandsOf(
    lane,
    (mark) => (mark.kind === 'control' ? mark : null),
    ({ control }) => control,
    'active',
    now,
  );

/** Whether a rate limit held. */
export const limitBands = (lane: Lane, now: boolean): Band<boolean>[] =>
  bandsOf(
    lane,
    ({ kind }) =>
      kind === 'limit_began' ? { from: false, to: true } : kind === 'limit_ended' ? { from: true, to: false } : null,
    ({ limited }) => limited,
    false,
    now,
  );

export const cacheBands = (lane: Lane, now: CacheState): Band<CacheState>[] =>
  bandsOf<CacheState>(
    lane,
    (mark) => (mark.kind === 'cache' ? mark : null),
    () => null,
    'off',
    now,
  );

/** Marks tell the moment of a change; where they are missing, samples tell the second. */
function bandsOf<Value>(
  lane: Lane,
  changeIn: (mark: Mark) => { readonly from: Value | null; readonly to: Value } | null,
  valueIn: (sample: Sample) => Value | null,
  usual: Value,
  now: Value,
): Band<Value>[] {
  const marked = lane.marks.flatMap((mark): Change<Value>[] => {
    const change = changeIn(mark);
    if (change !== null) return [{ at: mark.at, from: change.from, to: change.to }];
    if (mark.kind === 'removed') return [{ at: mark.at, from: null, to: null }];
    return [];
  });
  const sampled = seenIn(lane.samples, valueIn);
  const all = [...marked, ...sampled].sort((a, b) => a.at - b.at);
  // What began without saying as what, began as the next change found it; what never changed until it went, as usual.
  const foundAfter = (at: number): Value => {
    const next = all.find((change) => change.at >= at);
    return next === undefined ? now : (next.from ?? next.to ?? usual);
  };
  const begun = lane.marks.filter(({ kind }) => kind === 'added').map(({ at }) => at);
  if (lane.marks[0]?.kind !== 'added') begun.unshift(lane.since);
  const beginnings = begun.map((at): Change<Value> => ({ at, from: null, to: foundAfter(at) }));
  return joined([...beginnings, ...all].sort((a, b) => a.at - b.at));
}

/** Only the samples that say something else than the one before. */
function seenIn<Value>(samples: readonly Sample[], valueIn: (sample: Sample) => Value | null): Change<Value>[] {
  const seen: Change<Value>[] = [];
  for (const sample of samples) {
    const value = valueIn(sample);
    if (value !== null && value !== seen.at(-1)?.to) seen.push({ at: sample.at, from: null, to: value });
  }
  return seen;
}

/** The last band has no end. */
function joined<Value>(changes: readonly Change<Value>[]): Band<Value>[] {
  const real = changes.filter(({ to }, index) => to !== (changes[index - 1]?.to ?? null));
  return real.flatMap(({ at: from, to: value }, index): Band<Value>[] => {
    const to = real[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    return value === null || to <= from ? [] : [{ from, to, value }];
  });
}
