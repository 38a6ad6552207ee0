import { PRIORITY_CLASSES } from '../../../queue/priority.ts';
import type { ModelFigures } from '../../protocol.ts';

type Places = Pick<ModelFigures, 'running' | 'waiting' | 'backingOff' | 'maxQueueDepth'>;

/** `4 running; waiting: 2 critical, 9 normal; 1 backing off; 20 places` */
export function barWords({ running, waiting, backingOff, maxQueueDepth }: Places): string {
  const classes = PRIORITY_CLASSES.filter((priority) => waiting[priority] > 0);
  return [
    `${running} running`,
    `waiting: ${classes.map((priority) => `${waiting[priority]} ${priority}`).join(', ') || 'none'}`,
    ...(backingOff > 0 ? [`${backingOff} backing off`] : []),
    `${maxQueueDepth} places`,
  ].join('; ');
}
