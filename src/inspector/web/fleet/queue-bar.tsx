import { PRIORITY_CLASSES } from '../../../queue/priority.ts';
import type { ModelFigures } from '../../protocol.ts';
import { barWords } from './bar-words.ts';

/** Who takes a model's places: what runs, what waits, by class, and what backs off. */
export function QueueBar({ figures }: { figures: ModelFigures }) {
  const { running, waiting, backingOff, maxQueueDepth } = figures;
  const parts = [
    ['running', running],
    ...PRIORITY_CLASSES.map((priority) => [priority, waiting[priority]] as const),
    ['backing-off', backingOff],
  ] as const;
  return (
    <div class="bar" role="img" aria-label={barWords(figures)} title={barWords(figures)}>
      {parts.map(([part, value]) => (
        <i
          key={part}
          data-part={part}
          data-priority={part}
          style={{ width: `${(100 * value) / Math.max(1, maxQueueDepth)}%` }}
        />
      ))}
    </div>
  );
}
