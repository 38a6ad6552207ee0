import type { Session } from '../protocol.ts';
import type { Shown } from './store.ts';

/** What every view is given. */
export interface ViewProps extends Shown {
  readonly chosen: string | null;
  readonly session: Session;
}
