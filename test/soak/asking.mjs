// What the soak asks for: options of every kind, at random.

const PRIORITIES = ['critical', 'high', 'normal', 'low'];
const WAYS = { generate: 60, stream: 28, message: 12 };
const STRATEGIES = ['ordered', 'round-robin', 'weighted', 'least-busy', 'latency', 'cost'];

/**
 * @param names gives the models and rules that a request may name
 * @param ways how often a request is asked for in which way
 * @param isPrefilled whether the caller of a request dictates the beginning of the answer
 */
export function createAsking({ dice, unit, names, isPrefilled = () => false, ways = WAYS }) {
  const timeouts = {
    long: () => dice.between(200, 2_000),
    short: () => dice.between(5, 60),
    tiny: () => dice.between(0.01, 1),
  };
  const metadata = () => ({
    ...(dice.chance(0.3) && { tier: dice.pick(['batch', 'gold', 7]) }),
    ...(dice.chance(0.2) && { path: dice.pick(['v1/chat', 'v2/chat']) }),
  });
  return {
    options() {
      const options = { priority: dice.pick(PRIORITIES), metadata: metadata() };
      if (dice.chance(0.9)) options.timeoutMs = timeouts[dice.weighted({ long: 80, short: 16, tiny: 4 })]() * unit;
      if (dice.chance(0.05)) options.totalTimeoutMs = dice.between(5, 100) * unit;
      if (dice.chance(0.1)) options.model = dice.pick(names());
      if (dice.chance(0.2)) options.maxRetries = dice.whole(0, 5);
      if (dice.chance(0.1)) options.fallback = dice.chance(0.5);
      if (dice.chance(0.2)) options.strategy = dice.pick(STRATEGIES);
      if (dice.chance(0.4)) options.whenUnavailable = dice.chance(0.75) ? 'wait' : 'fail';
      if (dice.chance(0.3)) options.onStreamFailure = dice.pick(['fail', 'restart']);
      if (dice.chance(0.1)) options.maxTokens = dice.whole(1, 4_000);
      if (dice.chance(0.1)) options.tenant = dice.pick(['acme', 'initech']);
      // Wrong on purpose: it is refused and counts nowhere.
      if (dice.chance(0.005)) options.priority = 'urgent';
      return options;
    },
    input(key) {
      const messages = [{ role: 'user', content: key }];
      if (isPrefilled(key)) return { messages: [...messages, { role: 'assistant', content: 'The answer is' }] };
      return dice.chance(0.8) ? key : { messages };
    },
    /** How it is asked for: with a promise, a stream or a message to the router's actor. */
    way: () => dice.weighted(ways),
    priorities: PRIORITIES,
    strategies: STRATEGIES,
  };
}
