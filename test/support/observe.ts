import { depthOf } from '../../machines/model/context.ts';
import { failureCount } from '../../src/breaker/memory.ts';
import type { LLMRouter } from '../../src/llm-router.ts';
import { DEFAULT_BOOSTS } from '../../src/queue/priority.ts';
import { inServingOrder } from '../../src/queue/waiting.ts';
import type { Observation } from './reference-router.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Everything that a caller or an operator can see of a router, in the reference's words. */
export function observe(router: LLMRouter, clock: VirtualClock, settled: Observation['settled']): Observation {
  const { models, parked, boosts } = router.actor.getSnapshot().context;
  return {
    now: clock.now(),
    settled,
    parked: inServingOrder(parked.all, boosts).map(({ id }) => id),
    models: Object.fromEntries(
      Object.entries(models).map(([name, ref]) => {
        const { context, value } = ref.getSnapshot();
        const { breaker, load, rateLimit } = context;
        return [
          name,
          {
            breaker: value.breaker as Observation['models'][string]['breaker'],
            control: value.control,
            failureCount: failureCount(breaker, clock.now()),
            limitedUntil: rateLimit.until,
            runningLimit: load.runningLimit,
            openUntil: value.breaker === 'open' ? breaker.openUntil : null,
            probes: breaker.probes,
            waiting: inServingOrder(load.waiting, DEFAULT_BOOSTS).map(({ id }) => id),
            backingOff: inServingOrder(load.retries.backingOff, DEFAULT_BOOSTS).map(({ id }) => id),
            running: load.calls.flatMap((call) => (call === null ? [] : [call.slip.id])).sort(),
            lingering: load.lingering,
            queueDepth: depthOf(context),
          },
        ];
      }),
    ),
  };
}
