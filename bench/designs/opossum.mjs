import CircuitBreaker from 'opossum';

/** A breaker for each of three models; no queue. */
export function create({ backend }) {
  const models = [0, 1, 2].map(
    () => new CircuitBreaker(backend, { timeout: false, resetTimeout: 60_000, rollingCountTimeout: 10_000 }),
  );
  let next = 0;
  return {
    generate: (prompt) => models[next++ % 3].fire(prompt),
    stop() {
      for (const breaker of models) breaker.shutdown();
    },
  };
}
