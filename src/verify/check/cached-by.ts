/**
 * Remembers what is worked out from an object that never changes and a few figures, as long as the object lives: who
 * checks policies in a test suite checks many that have models alike.
 */
export function cachedBy<Owner extends WeakKey, Value>() {
  const owners = new WeakMap<Owner, Map<string, Value>>();
  return (owner: Owner, key: string, make: () => Value): Value => {
    const values = owners.get(owner) ?? new Map<string, Value>();
    owners.set(owner, values);
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = make();
    values.set(key, value);
    return value;
  };
}
