import { nextRandom } from '../../random.ts';
import type { PolicyEvent } from '../policy-events.ts';
import { type EventKind, eventKindOf, KIND_WEIGHTS } from './event-kind.ts';
import type { PolicyAlphabet } from './policy-specification.ts';

const NOTHING = { requests: [], outcomes: [], cancels: false, operator: [] };

/** The kinds of events, and what of an alphabet each is. */
const KINDS: readonly {
  readonly kind: EventKind;
  readonly of: (alphabet: PolicyAlphabet) => PolicyAlphabet;
}[] = [
  { kind: 'request', of: (all) => ({ ...all, outcomes: [], cancels: false, operator: [] }) },
  { kind: 'call', of: ({ outcomes }) => ({ ...NOTHING, outcomes }) },
  { kind: 'time', of: () => NOTHING },
  { kind: 'cancel', of: ({ cancels }) => ({ ...NOTHING, cancels }) },
  { kind: 'operator', of: ({ operator }) => ({ ...NOTHING, operator }) },
];

/**
 * Draws the same events again for the same seed. First a kind is drawn: else the operator's many commands drown the rest,
 * and all of them would be looked at for one.
 */
export function createWalk(
  seed: number,
  alphabet: PolicyAlphabet,
): (eventsOf: (alphabet: PolicyAlphabet) => readonly PolicyEvent[]) => PolicyEvent | undefined {
  let current = seed;
  const draw = (): number => {
    const { value, seed: next } = nextRandom(current);
    current = next;
    return value;
  };
  return (eventsOf) => {
    for (let kinds = KINDS; kinds.length > 0; ) {
      let rest = draw() * kinds.reduce((sum, { kind }) => sum + KIND_WEIGHTS[kind], 0);
      const drawn = kinds.find(({ kind }) => {
        rest -= KIND_WEIGHTS[kind];
        return rest < 0;
      })!;
      const events = eventsOf(drawn.of(alphabet)).filter((event) => eventKindOf(event) === drawn.kind);
      if (events.length > 0) return events[Math.floor(draw() * events.length)];
      kinds = kinds.filter((other) => other !== drawn);
    }
    return undefined;
  };
}
