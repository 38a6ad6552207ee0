/** The longest delay that a Node timer keeps; a longer one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
