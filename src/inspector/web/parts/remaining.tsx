import { remaining } from '../format.ts';
import { useNow } from './now.ts';

/** Counts down to a time: `41 s`. */
export function Remaining({ until, isLive }: { until: number; isLive: boolean }) {
  return <b>{remaining(until - useNow(250, isLive))}</b>;
}
