import CircuitBreaker from 'opossum';
import PQueue from 'p-queue';

/** A priority queue and a breaker for each of three models. */
export function create({ backend }) {
  const models = [0, 1, 2].map(() => ({
    queue: new PQueue({ concurrency: 32 }),
    breaker: new CircuitBreaker(backend, { timeout: false, resetTimeout: 60_000, rollingCountTimeout: 10_000 }),
  }));
  let next = 0;
  return {
    generate(prompt) {
      const { queue, breaker } = models[next++ % 3];
      return queue.add(() => breaker.fire(prompt), { priority: 1 });
    },
    stop() {
      for (const { breaker } of models) breaker.shutdown();
    },
  };
}
