export { afterReactions as settled } from '../../src/clock.ts';
export { VirtualClock } from '../../src/verify/testing/virtual-clock.ts';
