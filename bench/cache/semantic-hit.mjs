// A semantic hit from `generate` to the answer, beside the bare embedding of the same prompt in the same worker.
import { localEmbedder } from '../../dist/src/cache/embedders/local.js';
import { LLMRouter } from '../../dist/src/index.js';

const router = new LLMRouter();
router.addModel('m', { backend: { generate: async () => ({ content: 'x' }) } });
router.enableCache({ guard: 'off', similarityThreshold: 0.9, singleFlight: false });
await router.cacheReady();
const cold = { temperature: 0 };
const subjects = ['rivers', 'trains', 'stars', 'birds', 'taxes', 'bread', 'chess', 'coral', 'wheat', 'clocks'];
for (let index = 0; index < 1_000; index++) {
  await router.generate(`Tell me number ${index} of the things about ${subjects[index % 10]} that matter`, cold);
}
await router.generate('How can I keep the bread that I bake at home fresh for more than two days?', cold);
const prompt = 'How can I keep the bread that I bake at home fresh for more than two whole days?';
// The worker does not keep the process alive.
setInterval(() => {}, 1_000);
const embedder = await localEmbedder().load(() => {});
const signal = new AbortController().signal;
const bare = [];
const hit = [];
for (let round = 0; round < 600; round++) {
  const start = performance.now();
  await embedder.embed(prompt, signal);
  const middle = performance.now();
  const { cacheKind } = await router.generate(prompt, cold);
  const end = performance.now();
  if (cacheKind !== 'semantic') throw new Error(`no semantic hit: ${cacheKind}`);
  if (round < 100) continue;
  bare.push(middle - start);
  hit.push(end - middle);
}
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
await router.stop();
process.stdout.write(JSON.stringify({ bare: median(bare), hit: median(hit), ratio: median(hit) / median(bare) }));
process.exit(0);
