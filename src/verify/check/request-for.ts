import type { PolicyEvent } from '../policy-events.ts';
import type { Route } from './routes.ts';

/** A request that takes that route. */
export const requestFor = ({ class: priority, metadata }: Route): PolicyEvent => ({
  type: 'request',
  priority,
  ...(Object.keys(metadata).length > 0 && { metadata }),
});
