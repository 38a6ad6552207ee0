import { LLMRouter } from '../../dist/src/index.js';
import { FEATURES } from '../features.mjs';

/** llm-router: queues, breakers, deadlines, traces, statistics; with a feature, that too. */
export function create({ backend, feature = 'plain' }) {
  const { model = {}, rule, request = {}, prepare = () => {} } = FEATURES[feature];
  const router = new LLMRouter();
  const names = ['a', 'b', 'c'];
  for (const name of names)
    router.addModel(name, { backend: { generate: backend }, maxConcurrency: 32, maxQueueDepth: 8_192, ...model });
  if (rule !== undefined) router.addRoute(rule.match ?? {}, { targets: names, ...rule.options });
  prepare(router);
  let next = 0;
  return {
    generate: (prompt) =>
      router.generate(prompt, rule === undefined ? { model: names[next++ % 3], ...request } : request),
    stop: () => router.stop(),
  };
}
