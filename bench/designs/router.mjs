import { LLMRouter } from '../../dist/src/index.js';

/** llm-router with everything on: queues, breakers, deadlines, traces, statistics. */
export function create({ backend }) {
  const router = new LLMRouter();
  const names = ['a', 'b', 'c'];
  for (const name of names)
    router.addModel(name, { backend: { generate: backend }, maxConcurrency: 32, maxQueueDepth: 8_192 });
  let next = 0;
  return {
    generate: (prompt) => router.generate(prompt, { model: names[next++ % 3] }),
    stop: () => router.stop(),
  };
}
