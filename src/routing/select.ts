import { refusal } from './admission.ts';
import type { ModelView } from './model-view.ts';
import type { Skip, Slip } from './slip.ts';

/** Where a request goes next. */
export interface Selection {
  /** The model that takes it; null when no candidate is left. */
  readonly model: string | null;
  /** The slip, its cursor on that model and every candidate passed over written down with its reason. */
  readonly slip: Slip;
}

/**
 * The first candidate, from the slip's cursor on, that takes the request now. What serves, explains, checks and
 * simulates all ask this function.
 */
export function select(slip: Slip, viewOf: (model: string) => ModelView | undefined, at: number): Selection {
  const skipped: Skip[] = [];
  for (let cursor = slip.cursor; cursor < slip.candidates.length; cursor++) {
    const model = slip.candidates[cursor]!;
    const view = viewOf(model);
    const refused = view === undefined ? ({ reason: 'removed' } as const) : refusal(view, slip, at);
    if (refused === null) return { model, slip: moveTo(slip, cursor, skipped, at) };
    skipped.push({ model, ...refused, waitedMs: 0 });
  }
  return { model: null, slip: moveTo(slip, slip.candidates.length, skipped, at) };
}

/** The slip after its current candidate gave it back without calling it. */
export function passOver(slip: Slip, skip: Skip): Slip {
  return { ...slip, cursor: slip.cursor + 1, skipped: [...slip.skipped, skip] };
}

/** The slip after a call by its current candidate did not serve it. */
export const moveOn = (slip: Slip): Slip => ({ ...slip, cursor: slip.cursor + 1 });

function moveTo(slip: Slip, cursor: number, skipped: readonly Skip[], at: number): Slip {
  // The common request goes to its first candidate at the moment it arrives: its slip is right as it is.
  if (cursor === slip.cursor && slip.enteredAt === at && skipped.length === 0) return slip;
  return { ...slip, cursor, enteredAt: at, skipped: [...slip.skipped, ...skipped] };
}
