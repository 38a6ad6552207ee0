import { LRUCache } from 'lru-cache';

/** Values that are kept for one owner: of a model's states, some 1 to 5 MB each. */
const MOST_KEPT = 64;

/**
 * Remembers what was worked out last from an object that never changes and a few figures: who checks policies in a test
 * suite checks many that have models alike. The value that was asked for longest ago makes room for one too many.
 */
export function cachedBy<Owner extends WeakKey, Value extends object>() {
  const owners = new WeakMap<Owner, LRUCache<string, Value>>();
  return (owner: Owner, key: string, make: () => Value): Value => {
    const values = owners.get(owner) ?? new LRUCache<string, Value>({ max: MOST_KEPT });
    owners.set(owner, values);
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = make();
    values.set(key, value);
    return value;
  };
}
