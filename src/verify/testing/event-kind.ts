import type { PolicyEvent } from '../policy-events.ts';

/** What an event is about. */
export type EventKind = 'request' | 'call' | 'time' | 'cancel' | 'operator';

export function eventKindOf({ type }: PolicyEvent): EventKind {
  if (type === 'request') return 'request';
  if (type === 'request.cancel') return 'cancel';
  if (type === 'time.passed') return 'time';
  return type.startsWith('call.') ? 'call' : 'operator';
}
