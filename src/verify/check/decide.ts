import type { PriorityClass } from '../../queue/priority.ts';
import { select } from '../../routing/select.ts';
import { termsOf, type WhenUnavailable } from '../../routing/slip.ts';
import { type UnservedCode, unservedCode } from '../../routing/unserved.ts';
import type { DecisionOutcome } from './finding.ts';
import { newcomer } from './newcomer.ts';
import type { Stance } from './stance.ts';

/** What becomes of a request first, by the place of its candidates. */
export interface Decision {
  readonly outcome: DecisionOutcome;
  /** Which of the candidates, in the order in which they are asked; null: it is parked or fails. */
  readonly candidate: number | null;
  /** The error's code when it fails. */
  readonly code?: UnservedCode;
}

/** On what terms requests are judged. */
export interface Occasion {
  readonly timeoutMs: number;
  readonly whenUnavailable: WhenUnavailable;
  /** Whether anything may wait outside every model. */
  readonly canPark: boolean;
}

/**
 * Asks the function that serves.
 * @param stances of all candidates to that class, in the order in which they are asked
 */
export function decide(occasion: Occasion, priority: PriorityClass, stances: readonly Stance[]): Decision {
  const { timeoutMs, whenUnavailable, canPark } = occasion;
  const candidates = stances.map((_, place) => `${place}`);
  const terms = termsOf(whenUnavailable, 0);
  const request = newcomer({ class: priority, arrival: 0, timeoutMs, candidates, terms });
  const { model, waitsOutLimit, parks, slip } = select(request, (place) => stances[Number(place)]!.view, 0);
  if (model !== null) {
    const { verdict } = stances[Number(model)]!;
    return { outcome: waitsOutLimit || verdict === 'skip' ? 'wait_for_limit' : verdict, candidate: Number(model) };
  }
  if (parks && canPark) return { outcome: 'park', candidate: null };
  return { outcome: 'fail', candidate: null, code: unservedCode(slip) };
}

/** What is known of all requests whose first candidates stand to them so. */
export interface Prefix {
  /** null: it ends here, or has not been followed yet. */
  next: Map<string, Prefix> | null;
  /** null: it is for a later candidate to say. */
  readonly decision: Decision | null;
}

/**
 * The decisions on equal terms over equally many candidates, each made once: the effects of its candidates' stances, in
 * order, are all that a decision comes from, whoever they are and whichever class asks.
 */
export class Decisions {
  readonly #occasion: Occasion;
  readonly #length: number;
  readonly root: Prefix = { next: null, decision: null };

  constructor(occasion: Occasion, length: number) {
    this.#occasion = occasion;
    this.#length = length;
  }

  /** @param stances of the candidates so far, one more than the prefix knows */
  after(prefix: Prefix, priority: PriorityClass, stances: readonly Stance[]): Prefix {
    const { effect, verdict } = stances.at(-1)!;
    prefix.next ??= new Map();
    let next = prefix.next.get(effect);
    if (next === undefined) {
      const isDecided = verdict !== 'skip' || stances.length === this.#length;
      next = { next: null, decision: isDecided ? decide(this.#occasion, priority, stances) : null };
      prefix.next.set(effect, next);
    }
    return next;
  }
}
