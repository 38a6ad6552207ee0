// The longest that the event loop is blocked while 64 prompts embed at once.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { LLMRouter } from '../../dist/src/index.js';

const router = new LLMRouter();
router.addModel('m', { backend: { generate: async () => ({ content: 'x' }) } });
router.enableCache({ embedTimeoutMs: 60_000, similarityThreshold: 1 });
await router.cacheReady();
const ask = (round) =>
  Promise.all(
    Array.from({ length: 64 }, (_, index) =>
      router.generate(`In round ${round} tell me in a few words what the number ${index} means to most people today`, {
        temperature: 0,
      }),
    ),
  );
for (let round = 0; round < 5; round++) await ask(`warm-up ${round}`);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
for (let round = 0; round < 5; round++) await ask(round);
delay.disable();
const { withVector } = router.getStats().cache;
if (withVector < 640) throw new Error(`only ${withVector} prompts were embedded`);
await router.stop();
process.stdout.write(JSON.stringify({ worst: delay.max / 1e6, p99: delay.percentile(99) / 1e6 }));
process.exit(0);
