import type * as FastCheck from 'fast-check';
import { z } from 'zod';
import { parseOptions } from '../../options.ts';
import type { PolicyEvent } from '../policy-events.ts';
import { type EventKind, eventKindOf, KIND_WEIGHTS } from './event-kind.ts';
import type { PolicyAlphabet, PolicySpecification } from './policy-specification.ts';

/**
 * An event that is chosen before it is known what will be possible. It means something in every state, so that a
 * sequence of choices can be shortened anywhere and still be run.
 */
export interface PolicyChoice {
  readonly kind: EventKind;
  /** Which of the events of this kind that are possible: from 0, the first, to `MAX_PICK`, the last. */
  readonly pick: number;
  /**
   * Milliseconds that pass, or after which a provider that fails or limits wants to be asked again. null: until
   * something is due; the provider does not say.
   */
  readonly ms: number | null;
}

const MAX_PICK = 0xffff;

/** What is used of fast-check to make choices. */
export type ChoiceArbitraries = Pick<typeof FastCheck, 'constant' | 'nat' | 'option' | 'record'>;

/** @throws {ConfigurationError} when it lacks what makes choices, or one of the others */
export function assertFastCheck(fc: unknown, others: readonly string[], where: string): void {
  const has = (name: string): boolean =>
    typeof (fc as Record<string, unknown> | null | undefined)?.[name] === 'function';
  const schema = z
    .custom(() => ['constant', 'nat', 'option', 'record', ...others].every(has))
    .describe("fast-check: import fc from 'fast-check'");
  parseOptions(z.strictObject({ fc: schema }), { fc }, where);
}

/** @param maxMs of `ms` */
export function choiceOf(fc: ChoiceArbitraries, kind: EventKind, maxMs: number): FastCheck.Arbitrary<PolicyChoice> {
  const isTimed = kind === 'time' || kind === 'call';
  return fc.record({
    kind: fc.constant(kind),
    pick: fc.nat(MAX_PICK),
    ms: isTimed ? fc.option(fc.nat(maxMs)) : fc.constant(null),
  });
}

export const choiceKinds = Object.entries(KIND_WEIGHTS).map(([kind, weight]) => ({ kind: kind as EventKind, weight }));

/** The event that is chosen in this state; undefined: there is none of its kind. */
export function chosenEvent<State>(
  specification: PolicySpecification<State>,
  alphabet: PolicyAlphabet,
  state: State,
  { kind, pick, ms }: PolicyChoice,
): PolicyEvent | undefined {
  if (kind === 'time' && ms !== null) return { type: 'time.passed', ms };
  const possible = specification.events(state, alphabet).filter((event) => eventKindOf(event) === kind);
  const event = possible[Math.floor((pick * possible.length) / (MAX_PICK + 1))];
  if (ms === null || (event?.type !== 'call.failed' && event?.type !== 'call.rate_limited')) return event;
  return { ...event, retryAfterMs: ms };
}
