/**
 * The soak's randomness. Each part of the soak throws dice of its own, made from the printed seed and the part's name,
 * so that one more throw in one part does not change what the others do.
 */
export function createDice(seed, name) {
  let state = seed | 0;
  for (const letter of name) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
  /** From 0 up to 1 (mulberry32). */
  const roll = () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    roll,
    chance: (probability) => roll() < probability,
    between: (low, high) => low + roll() * (high - low),
    whole: (low, high) => low + Math.floor(roll() * (high - low + 1)),
    pick: (list) => list[Math.floor(roll() * list.length)],
    /** A name from `{ name: weight }`, as often as its weight says. */
    weighted(weights) {
      const names = Object.keys(weights);
      let rest = roll() * names.reduce((sum, name) => sum + weights[name], 0);
      for (const name of names) {
        rest -= weights[name];
        if (rest < 0) return name;
      }
      return names.at(-1);
    },
    shuffled(list) {
      const left = [...list];
      return Array.from({ length: left.length }, () => left.splice(Math.floor(roll() * left.length), 1)[0]);
    },
  };
}
