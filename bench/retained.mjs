// Bytes of heap that each waiting request retains: 20,000 wait behind calls that do not end. Needs --expose-gc.
import { LLMRouter } from '../dist/src/index.js';

const WAITING = 20_000;
const router = new LLMRouter();
router.addModel('a', {
  backend: { generate: () => new Promise(() => {}) },
  maxConcurrency: 1,
  maxQueueDepth: WAITING + 1_001,
});
const pending = [];
const submit = (count) => {
  for (let index = 0; index < count; index++) pending.push(router.generate('hi'));
};
const collected = async () => {
  await new Promise(setImmediate);
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};
submit(1_000);
const before = await collected();
submit(WAITING);
const after = await collected();
// What a caller hangs on its promise is its own.
for (const promise of pending) promise.catch(() => {});
process.stdout.write(`${(after - before) / WAITING}\n`);
await router.stop({ graceMs: 0 });
