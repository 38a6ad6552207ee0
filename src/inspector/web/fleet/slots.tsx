import type { ModelFigures } from '../../protocol.ts';
import { type SlotState, slotsOf } from './slot-states.ts';

/** More would be too small to be told apart: they become a bar. */
const MOST_SQUARES = 32;
const STATES = ['busy', 'free', 'barred'] as const;

/** A model's slots: with a call, free, and those that must stay free for now. */
export function Slots({ figures }: { figures: ModelFigures }) {
  const slots = slotsOf(figures);
  const countOf = (state: SlotState): number => slots.filter((slot) => slot === state).length;
  const words = `slots: ${STATES.map((state) => `${countOf(state)} ${state === 'barred' ? 'over the running limit' : state}`).join(', ')}`;
  if (slots.length > MOST_SQUARES) {
    return (
      <div class="slots-bar" role="img" aria-label={words} title={words}>
        {STATES.map((state) => (
          <i key={state} data-slot={state} style={{ width: `${(100 * countOf(state)) / slots.length}%` }} />
        ))}
      </div>
    );
  }
  return (
    <div class="slots" role="img" aria-label={words} title={words}>
      {slots.map((state, slot) => (
        <i key={slot} data-slot={state} />
      ))}
    </div>
  );
}
