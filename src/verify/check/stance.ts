import type { PriorityClass } from '../../queue/priority.ts';
import { refusal, takes, waitsOutLimit } from '../../routing/admission.ts';
import type { ModelView } from '../../routing/model-view.ts';
import { select } from '../../routing/select.ts';
import { type SkipReason, termsOf, type WhenUnavailable } from '../../routing/slip.ts';
import { unservedCode } from '../../routing/unserved.ts';
import { newcomer } from './newcomer.ts';

/**
 * How a model stands to the requests of one class: all that selection can see of it. Where two states of a model come
 * to the same stance, no request of that class fares differently.
 */
export interface Stance {
  /** What a request meets that reaches it. */
  readonly verdict: 'admit' | 'queue' | 'displace' | 'skip';
  readonly reason: SkipReason | null;
  /** The figures that selection is asked with. */
  readonly view: ModelView;
  /** Equal of equal stances. */
  readonly key: string;
  /** Equal of those that come to the same decision beside whatever others: of a reason only what it does to the code. */
  readonly effect: string;
}

/** What the requests of a route have in common. */
export interface RouteTerms {
  /** Milliseconds until their deadline. */
  readonly timeoutMs: number;
  readonly whenUnavailable: WhenUnavailable;
}

/** @param view its figures at time 0 */
export function stanceOf(view: ModelView, priority: PriorityClass, { timeoutMs, whenUnavailable }: RouteTerms): Stance {
  const terms = termsOf(whenUnavailable, 0);
  const wanted = { class: priority, arrival: 0, timeoutMs, candidates: ['m'], terms };
  const request = newcomer(wanted);
  const refused = refusal(view, request, 0);
  const isHalfOpen = view.breaker === 'half_open';
  const verdict =
    refused !== null ? 'skip' : view.hasFreeSlot || isHalfOpen ? 'admit' : view.isFull ? 'displace' : 'queue';
  if (refused === null) return { verdict, reason: null, view, key: verdict, effect: verdict };
  // What else selection asks of one that refuses: whether its limit can be waited out; and of those that may wait for any
  // candidate, whether this one comes back in time, and whether it would take them as they are.
  const waits = waitsOutLimit(view, request) && !isHalfOpen;
  const { reason } = refused;
  const facts =
    whenUnavailable === 'fail'
      ? [waits]
      : [waits, select(request, () => view, 0).parks, takes(view, request, 0), isHalfOpen];
  const code = unservedCode({ attempts: [], skipped: [{ model: 'm', ...refused, waitedMs: 0 }] });
  return { verdict, reason, view, key: [reason, ...facts].join(), effect: [code, ...facts].join() };
}
