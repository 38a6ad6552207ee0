import { nextRandom } from '../../random.ts';
import type { PolicyEvent } from '../policy-events.ts';
import type { PolicyAlphabet } from './policy-specification.ts';

const NOTHING = { requests: [], outcomes: [], cancels: false, operator: [] };

/** The kinds of events, how often a walk turns to each, and what of an alphabet it is. */
const KINDS: readonly {
  readonly weight: number;
  readonly isOne: (type: PolicyEvent['type']) => boolean;
  readonly of: (alphabet: PolicyAlphabet) => PolicyAlphabet;
}[] = [
  {
    weight: 5,
    isOne: (type) => type === 'request',
    of: (all) => ({ ...all, outcomes: [], cancels: false, operator: [] }),
  },
  { weight: 6, isOne: (type) => type.startsWith('call.'), of: (all) => ({ ...NOTHING, outcomes: all.outcomes }) },
  { weight: 2, isOne: (type) => type === 'time.passed', of: () => NOTHING },
  { weight: 1, isOne: (type) => type === 'request.cancel', of: (all) => ({ ...NOTHING, cancels: all.cancels }) },
  // The only ones that are left to be it.
  {
    weight: 1,
    isOne: (type) => !/^request|^call|^time/.test(type),
    of: (all) => ({ ...NOTHING, operator: all.operator }),
  },
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
      let rest = draw() * kinds.reduce((sum, { weight }) => sum + weight, 0);
      const kind = kinds.find(({ weight }) => {
        rest -= weight;
        return rest < 0;
      })!;
      const events = eventsOf(kind.of(alphabet)).filter(({ type }) => kind.isOne(type));
      if (events.length > 0) return events[Math.floor(draw() * events.length)];
      kinds = kinds.filter((other) => other !== kind);
    }
    return undefined;
  };
}
