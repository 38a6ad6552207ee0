import { refusal, takes, waitsOutLimit } from './admission.ts';
import type { ModelView } from './model-view.ts';
import { MAX_ATTEMPTS, type Skip, type SkipReason, type Slip } from './slip.ts';

/** Where a request goes next. */
export interface Selection {
  /** The model that takes it; null when no candidate is left. */
  readonly model: string | null;
  /** There it takes a waiting place until a rate limit ends. */
  readonly waitsOutLimit: boolean;
  /** No candidate is left, but one will come back in time, and the request waits for it. */
  readonly parks: boolean;
  /** The slip, its cursor on that model and every candidate passed over written down with its reason. */
  readonly slip: Slip;
}

export type ViewOf = (model: string) => ModelView | undefined;

/**
 * The first candidate, from the slip's cursor on, that takes the request now; when none is left, the first one whose
 * rate limit it can wait out. What serves, explains, checks and simulates all ask this function.
 * @param mayWait false for one that has just given way to a more important one: it does not come back by another door
 */
export function select(slip: Slip, viewOf: ViewOf, at: number, mayWait = true): Selection {
  if (slip.attempts.length >= MAX_ATTEMPTS) return { model: null, waitsOutLimit: false, parks: false, slip };
  const skipped: Skip[] = [];
  for (let cursor = slip.cursor; cursor < slip.candidates.length; cursor++) {
    const model = slip.candidates[cursor]!;
    const view = viewOf(model);
    const refused = view === undefined ? ({ reason: 'removed' } as const) : refusal(view, slip, at);
    if (refused === null) return { model, waitsOutLimit: false, parks: false, slip: moveTo(slip, cursor, skipped, at) };
    skipped.push({ model, ...refused, waitedMs: 0 });
  }
  const asked = moveTo(slip, slip.candidates.length, skipped, at);
  if (mayWait) return withoutCandidate(asked, viewOf, at);
  return { model: null, waitsOutLimit: false, parks: false, slip: asked };
}

function withoutCandidate(slip: Slip, viewOf: ViewOf, at: number): Selection {
  const none = { model: null, waitsOutLimit: false, parks: false, slip };
  for (const model of slip.candidates) {
    if (lastWord(slip, model) !== 'rate_limited') continue;
    const view = viewOf(model);
    if (view === undefined || view.breaker === 'half_open') continue;
    const isOver = refusal(view, slip, at) === null;
    if (!isOver && !waitsOutLimit(view, slip)) continue;
    return { ...none, model, waitsOutLimit: !isOver, slip: returnTo(slip, model, at) };
  }
  if (slip.terms.whenUnavailable === 'fail' || !isAwaited(slip, viewOf)) return none;
  // What would wake it has happened while it was elsewhere: it begins again at once.
  if (hasComeBack(slip, viewOf, at)) return select(beginAgain(slip), viewOf, at);
  return { ...none, parks: true };
}

function hasComeBack(slip: Slip, viewOf: ViewOf, at: number): boolean {
  return slip.candidates.some((model) => {
    const view = viewOf(model);
    if (view === undefined || !takes(view, slip, at)) return false;
    return view.breaker === 'half_open' || PASSING.includes(lastWord(slip, model));
  });
}

/** Whether a candidate may come back before the deadline. */
function isAwaited(slip: Slip, viewOf: ViewOf): boolean {
  if (slip.skipped.some(({ reason }) => reason === 'displaced')) return false;
  return slip.candidates.some((model) => {
    const view = viewOf(model);
    return view !== undefined && AWAITED.includes(lastWord(slip, model)) && returnsBefore(view, slip.deadline);
  });
}

/** Whether what keeps a model from taking requests ends in time, as far as that is known. */
function returnsBefore(view: ModelView, deadline: number): boolean {
  if (view.control === 'draining' || view.control === 'drained') return false;
  if (view.breaker === 'open' && view.openUntil >= deadline) return false;
  return view.limitedUntil === null || view.limitedUntil < deadline;
}

type LastWord = SkipReason | 'tried' | null;

/** What a model says that may take the request later. */
const AWAITED: readonly LastWord[] = ['circuit_open', 'half_open', 'rate_limited', 'paused'];

/** What may be over by the time that the other candidates have been asked. */
const PASSING: readonly LastWord[] = [...AWAITED, 'queue_full', 'draining'];

/** What became of the request at that candidate last: a skip is never older than an attempt. */
function lastWord({ skipped, attempts }: Slip, model: string): LastWord {
  const skip = skipped.find((entry) => entry.model === model);
  if (skip !== undefined) return skip.reason;
  const attempt = attempts.findLast((entry) => entry.model === model);
  if (attempt === undefined) return null;
  return attempt.outcome === 'rate_limited' ? 'rate_limited' : 'tried';
}

/** The slip after its current candidate gave it back without calling it. */
export function passOver(slip: Slip, skip: Skip): Slip {
  return { ...slip, cursor: slip.cursor + 1, skipped: [...slip.skipped, skip] };
}

/** The slip after a call by its current candidate did not serve it. */
export const moveOn = (slip: Slip): Slip => ({ ...slip, cursor: slip.cursor + 1 });

/** The slip of a request that is parked. */
export const park = (slip: Slip, at: number): Slip => ({
  ...slip,
  parked: { count: (slip.parked?.count ?? 0) + 1, ms: slip.parked?.ms ?? 0, since: at },
});

/** The slip of a request that begins again at its first candidate, because one may be back. */
export const unpark = (slip: Slip, at: number): Slip => beginAgain(outOfPark(slip, at));

const beginAgain = (slip: Slip): Slip => without(slip, () => true, { cursor: 0 });

/** What a candidate said is superseded when it is asked again; how long it took to say so is not forgotten. */
function without(slip: Slip, isSuperseded: (skip: Skip) => boolean, changes: Partial<Slip>): Slip {
  let { waitedBeforeMs } = slip;
  const skipped = slip.skipped.filter((skip) => {
    if (!isSuperseded(skip)) return true;
    waitedBeforeMs += skip.waitedMs;
    return false;
  });
  return { ...slip, ...changes, skipped, waitedBeforeMs };
}

/** The slip of a request that is parked no longer. */
export const outOfPark = (slip: Slip, at: number): Slip => ({
  ...slip,
  parked: slip.parked && { ...slip.parked, ms: slip.parked.ms + at - slip.parked.since },
});

function moveTo(slip: Slip, cursor: number, skipped: readonly Skip[], at: number): Slip {
  // The common request goes to its first candidate at the moment it arrives: its slip is right as it is.
  if (cursor === slip.cursor && slip.enteredAt === at && skipped.length === 0) return slip;
  return { ...slip, cursor, enteredAt: at, skipped: [...slip.skipped, ...skipped] };
}

const returnTo = (slip: Slip, model: string, at: number): Slip =>
  without(slip, (skip) => skip.model === model, { enteredAt: at });
