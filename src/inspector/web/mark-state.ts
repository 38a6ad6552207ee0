import type { Mark } from '../protocol.ts';

/** The state whose colour a change wears; undefined: none. */
export function markState(mark: Mark): string | undefined {
  switch (mark.kind) {
    case 'breaker':
    case 'control':
    case 'cache':
      return mark.to;
    case 'would_open':
      return 'half_open';
    case 'limit_began':
      return 'limited';
    default:
      return undefined;
  }
}
