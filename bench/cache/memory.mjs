// Bytes per entry at rest in one scope, text left out: of JavaScript, of the vectors and of the graph.
import { LLMRouter } from '../../dist/src/index.js';

const ENTRIES = 10_000;
const router = new LLMRouter();
router.addModel('m', { backend: { generate: async () => ({ content: 'An answer.' }) } });
let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32 - 0.5;
};
const embedder = {
  id: 'random',
  dimensions: 384,
  maxTokens: 10_000,
  embed: async () => Float32Array.from({ length: 384 }, random),
};
router.enableCache({ embedder, guard: 'off', maxEntries: ENTRIES });
await router.cacheReady();
const ask = (index) => router.generate(`Prompt number ${index}`, { temperature: 0 });
for (let index = 0; index < 200; index++) await ask(`w${index}`);
router.purgeCache();
const settle = async () => {
  for (let round = 0; round < 3; round++) {
    global.gc();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};
await settle();
const before = process.memoryUsage();
for (let index = 0; index < ENTRIES; index++) await ask(index);
while (router.getStats().cache.index.rebuilding) await new Promise((resolve) => setTimeout(resolve, 100));
await settle();
const after = process.memoryUsage();
const { entries, index } = router.getStats().cache;
if (entries !== ENTRIES || index.graphs !== 1) throw new Error(`${entries} entries, ${index.graphs} graphs`);
const text = 'Prompt number 5000'.length + 'An answer.'.length;
process.stdout.write(
  JSON.stringify({
    bytes: (after.rss - before.rss) / ENTRIES - text,
    heap: (after.heapUsed - before.heapUsed) / ENTRIES,
  }),
);
process.exit(0);
