/** Counts by group and name. */
export function createTally() {
  const groups = new Map();
  return {
    add(group, name, count = 1) {
      if (!groups.has(group)) groups.set(group, new Map());
      const names = groups.get(group);
      names.set(name, (names.get(name) ?? 0) + count);
    },
    get: (group, name) => groups.get(group)?.get(name) ?? 0,
    sum: (group) => [...(groups.get(group)?.values() ?? [])].reduce((sum, count) => sum + count, 0),
    of: (group) => Object.fromEntries(groups.get(group) ?? []),
    /** A line for each group, the most frequent first. */
    lines: () =>
      [...groups].map(([group, names]) => {
        const counts = [...names].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`);
        return `  ${group}: ${counts.join(', ')}`;
      }),
  };
}
