import type { ModelFigures } from '../../protocol.ts';

/** `barred`: it has no call and may not have one, because as many run as the running limit allows. */
export type SlotState = 'busy' | 'free' | 'barred';

/** Each slot of a model, by its number. */
export function slotsOf({
  busySlots,
  runningLimit,
  maxConcurrency,
}: Pick<ModelFigures, 'busySlots' | 'runningLimit' | 'maxConcurrency'>): SlotState[] {
  const busy = new Set(busySlots);
  let free = runningLimit - busy.size;
  return Array.from({ length: maxConcurrency }, (_, slot) => {
    if (busy.has(slot)) return 'busy';
    return free-- > 0 ? 'free' : 'barred';
  });
}
