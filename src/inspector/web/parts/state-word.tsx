import type { BreakerState } from '../../../breaker/state.ts';
import type { ModelFigures } from '../../protocol.ts';
import { words } from '../format.ts';
import { Ring } from './ring.tsx';

/** A breaker's state in colour and word; while it is open, with a ring that runs down to half-open. */
export function StateWord({
  breaker: { state, until, openForMs },
  isLive,
}: {
  breaker: Pick<ModelFigures['breaker'], 'until' | 'openForMs'> & { readonly state: BreakerState };
  isLive: boolean;
}) {
  const isRunningDown = state === 'open' && until !== null && openForMs !== null;
  return (
    <span class="state" data-state={state}>
      {isRunningDown ? <Ring until={until} forMs={openForMs} isLive={isLive} /> : <i class="dot" />}
      {words(state)}
    </span>
  );
}
