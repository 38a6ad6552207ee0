import { bulkhead, ConsecutiveBreaker, circuitBreaker, handleAll, wrap } from 'cockatiel';

/** A bulkhead with a queue and a breaker for each of three models. */
export function create({ backend }) {
  const models = [0, 1, 2].map(() =>
    wrap(bulkhead(32, 8_192), circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) })),
  );
  let next = 0;
  return { generate: (prompt) => models[next++ % 3].execute(() => backend(prompt)), stop() {} };
}
