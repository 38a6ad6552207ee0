import type { Slip } from './slip.ts';

export type UnservedCode =
  | 'provider_failed'
  | 'rate_limited'
  | 'queue_full'
  | 'deadline_unreachable'
  | 'no_model_available';

/** Why a request that no candidate served has failed. An attempt that was made outranks a skip. */
export function unservedCode({ attempts, skipped }: Pick<Slip, 'attempts' | 'skipped'>): UnservedCode {
  if (attempts.some(({ outcome }) => outcome === 'failure')) return 'provider_failed';
  if (attempts.some(({ outcome }) => outcome === 'rate_limited')) return 'rate_limited';
  const reasons = skipped.map(({ reason }) => reason);
  if (reasons.includes('queue_full') || reasons.includes('displaced')) return 'queue_full';
  if (reasons.length > 0 && reasons.every((reason) => reason === 'rate_limited')) return 'rate_limited';
  return reasons.includes('deadline_unreachable') ? 'deadline_unreachable' : 'no_model_available';
}
