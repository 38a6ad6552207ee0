import { createFleet } from './fleet.mjs';
import { play } from './story.mjs';
import { createTraffic } from './traffic.mjs';

/**
 * The models, their callers and what happens to them.
 * @param clock the router's, and everybody's
 * @param speed how many times faster than its own half hour it is played
 */
export function createShow({ clock, speed, seed = 1 }) {
  const { router, conditions } = createFleet({ clock, speed, seed });
  const traffic = createTraffic({ router, clock, speed, seed });
  return {
    router,
    outcomes: traffic.outcomes,
    start: () => traffic.start(),
    play: (tell) => play({ router, conditions, traffic, clock, speed }, tell),
    async stop() {
      traffic.stop();
      await router.stop({ graceMs: 0 });
    },
  };
}
