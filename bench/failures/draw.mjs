const SHARE = 0.5;

/**
 * Whether the primary breaks its n-th call: half of them, by one step of mulberry32 from a state of the call's own. It
 * hangs on the seed and the number alone, so that a seed means the same for every router, however fast it calls.
 */
export function isBroken(seed, call) {
  const state = Math.imul(seed * 1_000_003 + call, 0x6d2b79f5);
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < SHARE;
}
