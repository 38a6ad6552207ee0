// Runs 100,000 requests on real time against backends that answer, fail and refuse at once, and prints what is left.
// Arguments: the URL of the built package. Needs --expose-gc.
import { getEventListeners } from 'node:events';

const { BackendError, LLMRouter } = await import(process.argv[2]);

const router = new LLMRouter({ seed: 1 });
let calls = 0;
const flaky = {
  async generate() {
    calls++;
    if (calls % 97 === 0) throw new BackendError('down', { status: 500 });
    // With a hint: without one a provider is left alone for a second and more.
    if (calls % 89 === 0) throw new BackendError('slow down', { status: 429, retryAfterMs: 1 });
    return { content: 'x' };
  },
  async *stream() {
    yield { type: 'text', text: 'x' };
  },
};
for (const name of ['a', 'b', 'c']) router.addModel(name, { backend: flaky, maxQueueDepth: 1_000, maxConcurrency: 8 });
router.addRoute('high', { targets: ['b'], fallback: ['a', 'c'] });

const { signal } = new AbortController();
const settled = { served: 0, failed: 0 };
const PRIORITIES = ['critical', 'high', 'normal', 'low'];

async function run(requests) {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < requests; index = next++) {
      const options = { priority: PRIORITIES[index % 4], signal };
      try {
        if (index % 10 === 0) for await (const _ of router.stream('hi', options));
        else await router.generate('hi', options);
        settled.served++;
      } catch {
        settled.failed++;
      }
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
}

const collected = () => {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};
const children = () => {
  const root = router.actor.getSnapshot();
  return [root, ...Object.values(root.context.models).map((ref) => ref.getSnapshot())].flatMap((snapshot) =>
    Object.keys(snapshot.children),
  ).length;
};

await run(20_000);
const before = { heap: collected(), children: children() };
await run(100_000);
const after = { heap: collected(), children: children() };
await router.stop();
const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'Immediate').length;
process.stdout.write(
  `${JSON.stringify({ ...settled, heapGrowth: after.heap - before.heap, children: [before.children, after.children], listeners: getEventListeners(signal, 'abort').length, timers, stats: router.getStats() })}\n`,
);
