import type { PolicyEvent } from '../policy-events.ts';

/** What an event is about. */
export type EventKind = 'request' | 'call' | 'time' | 'cancel' | 'operator';

/** How often each kind is drawn. */
export const KIND_WEIGHTS: Readonly<Record<EventKind, number>> = {
  request: 5,
  call: 6,
  time: 2,
  cancel: 1,
  operator: 1,
};

export function eventKindOf({ type }: PolicyEvent): EventKind {
  if (type === 'request') return 'request';
  if (type === 'request.cancel') return 'cancel';
  if (type === 'time.passed') return 'time';
  return type.startsWith('call.') ? 'call' : 'operator';
}
