import type { MetadataMatch, RuleMatch, Scalar } from '../../../routing/match.ts';
import type { RequestKind } from '../policy-specification.ts';

function accepts(wanted: MetadataMatch, value: Scalar): boolean {
  if (typeof wanted !== 'object') return value === wanted;
  if ('prefix' in wanted) return typeof value === 'string' && value.startsWith(wanted.prefix);
  return wanted.includes(value);
}

/** Whether the request meets every condition. */
export function meets({ priority, metadata = {} }: RequestKind, match: RuleMatch): boolean {
  const classes = match.priority === undefined ? null : [match.priority].flat();
  if (classes !== null && !classes.includes(priority)) return false;
  const said = new Map(Object.entries(metadata));
  return Object.entries(match.metadata ?? {}).every(([key, wanted]) => {
    const value = said.get(key);
    return value !== undefined && accepts(wanted, value);
  });
}
