import type { PriorityClass } from '../queue/priority.ts';
import { refusal, waitAt } from './admission.ts';
import { select, type ViewOf } from './select.ts';
import type { SkipReason, Slip } from './slip.ts';
import { type UnservedCode, unservedCode } from './unserved.ts';

/** What a candidate would do with a request now. */
export interface CandidateExplanation {
  readonly model: string;
  /** `admit`: starts it at once; `queue`: lets it wait; `displace`: lets it wait in a less important one's place. */
  readonly verdict: 'admit' | 'queue' | 'displace' | 'skip';
  /** Why it is skipped. */
  readonly reason?: SkipReason;
  /** Milliseconds after which that could be otherwise, where it is known. */
  readonly retryAfterMs?: number;
  /** How long it would wait for a slot there, in milliseconds. */
  readonly predictedWaitMs?: number;
}

/** What would become of a request now. */
export interface Explanation {
  /** The rule that matches; null: none does, or the request names a model. */
  readonly rule: string | null;
  readonly class: PriorityClass;
  /** Targets in the strategy's order, then fallbacks; each judged, also those behind the one that takes it. */
  readonly candidates: readonly CandidateExplanation[];
  /**
   * What happens first: a candidate's verdict, `wait_for_limit` (it waits at a model until its rate limit ends), `park`
   * (it waits for any candidate to come back) or `fail`.
   */
  readonly outcome: 'admit' | 'queue' | 'displace' | 'wait_for_limit' | 'park' | 'fail';
  /** Where it goes; null when it is parked or fails. */
  readonly model: string | null;
  /** The error's code when it fails. */
  readonly code?: UnservedCode;
}

/** Explains by asking the functions that decide. @param canPark whether there is room among the parked */
export function explain(slip: Slip, viewOf: ViewOf, at: number, canPark: (slip: Slip) => boolean): Explanation {
  const candidates = slip.candidates.map((model) => explainCandidate(slip, model, viewOf, at));
  const { model, waitsOutLimit, parks, slip: after } = select(slip, viewOf, at);
  const common = { rule: slip.rule, class: slip.class, candidates, model };
  if (model !== null) {
    const { verdict } = candidates.find((candidate) => candidate.model === model)!;
    return { ...common, outcome: waitsOutLimit || verdict === 'skip' ? 'wait_for_limit' : verdict };
  }
  if (parks && canPark(after)) return { ...common, outcome: 'park' };
  return { ...common, outcome: 'fail', code: unservedCode(after) };
}

function explainCandidate(slip: Slip, model: string, viewOf: ViewOf, at: number): CandidateExplanation {
  const view = viewOf(model);
  if (view === undefined) return { model, verdict: 'skip', reason: 'removed' };
  const refused = refusal(view, slip, at);
  if (refused !== null) return { model, verdict: 'skip', ...refused };
  const predictedWaitMs = Math.round(waitAt(view, slip, at));
  if (view.hasFreeSlot || view.breaker === 'half_open') return { model, verdict: 'admit', predictedWaitMs };
  // A full model that refuses nothing has somebody who gives way.
  return { model, verdict: view.isFull ? 'displace' : 'queue', predictedWaitMs };
}
