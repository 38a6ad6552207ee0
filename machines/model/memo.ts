import type { SnapshotFrom } from 'xstate';
import { type BreakerMemo, memoOf as breakerMemoOf } from '../../src/breaker/memo.ts';
import type { BreakerState } from '../../src/breaker/state.ts';
import type { modelMachine } from './model.machine.ts';

/**
 * What a model takes along over a restart. A memo and not an XState snapshot, because a restored snapshot does not arm
 * its `after` again: an open breaker would stay open.
 * @param shift from the router's clock to the wall's, in milliseconds
 */
export const memoOf = ({ context, value }: SnapshotFrom<typeof modelMachine>, shift: number): BreakerMemo =>
  breakerMemoOf(context.breaker, value.breaker as BreakerState, context.rateLimit, shift);
