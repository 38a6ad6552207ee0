// The longest that the event loop is blocked while 64 prompts embed at once.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { LLMRouter } from '../../dist/src/index.js';

const router = new LLMRouter();
router.addModel('m', { backend: { generate: async () => ({ content: 'x' }) } });
router.enableCache({ embedTimeoutMs: 60_000, similarityThreshold: 1 });
await router.cacheReady();
// Each is asked in a turn of its own: accepting 64 requests in one turn blocks the loop with or without a cache.
const ask = async (round) => {
  const asked = [];
  for (let index = 0; index < 64; index++) {
    asked.push(
      router.generate(`In round ${round} tell me in a few words what the number ${index} means to most people today`, {
        temperature: 0,
      }),
    );
    await new Promise(setImmediate);
  }
  await Promise.all(asked);
};
for (let round = 0; round < 20; round++) await ask(`warm-up ${round}`);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
for (let round = 0; round < 5; round++) await ask(round);
delay.disable();
const { withVector } = router.getStats().cache;
if (withVector < 25 * 64) throw new Error(`only ${withVector} prompts were embedded`);
await router.stop();
process.stdout.write(JSON.stringify({ worst: delay.max / 1e6, p99: delay.percentile(99) / 1e6 }));
process.exit(0);
