// A router under 2,000 requests a second, 20 models, alone in this process; what watches it is the first argument.
// `serve` prints the inspector's address and runs until it is killed; the others print µs of CPU per request.
import { spawn } from 'node:child_process';
import { LLMRouter } from '../../dist/src/index.js';
import { Inspector } from '../../dist/src/inspector/inspector.js';

const [way, seconds = 10, warmUp = 5] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const RATE = 2_000;
const TICK_MS = 5;
const PRIORITIES = ['critical', 'high', 'normal', 'low'];

const router = new LLMRouter({ retries: { maxRetries: 0 } });
let calls = 0;
for (let index = 0; index < 20; index++) {
  router.addModel(`model-${index}`, {
    maxConcurrency: 8,
    backend: {
      // One call in 200 fails, so that breakers, fallbacks and markers have something to show.
      generate: async () => {
        await new Promise((resolve) => setTimeout(resolve, 3));
        if (++calls % 200 === 0) throw new Error('down');
        return { content: 'x' };
      },
    },
  });
}
for (const [index, priority] of PRIORITIES.entries()) {
  const targets = Array.from({ length: 5 }, (_, at) => `model-${index * 5 + at}`);
  router.addRoute(priority, { targets, fallback: [`model-${((index + 1) % 4) * 5}`], strategy: 'round-robin' });
}

let reader = null;
switch (way) {
  case 'nobody':
    break;
  case 'an empty observer':
    router.actor.system.inspect(() => {});
    break;
  case 'an inspector without a viewer':
    new Inspector(router);
    break;
  case 'one viewer in the process':
    new Inspector(router).watch({ send: (json) => json.length > 0 });
    break;
  case 'one viewer over HTTP': {
    const { url } = await router.inspect();
    reader = spawn(process.execPath, [new URL('./reader.mjs', import.meta.url).pathname, url], { stdio: 'inherit' });
    break;
  }
  case 'serve':
    process.stdout.write(`${(await router.inspect()).url}\n`);
    break;
  default:
    throw new Error(`unknown: ${way}`);
}

let asked = 0;
let owed = 0;
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  owed += ((now - last) * RATE) / 1_000;
  last = now;
  for (; owed >= 1; owed--) {
    asked++;
    router.generate('hi', { priority: PRIORITIES[asked % 4] }).catch(() => {});
  }
}, TICK_MS);

if (way !== 'serve') {
  await new Promise((resolve) => setTimeout(resolve, warmUp * 1_000));
  const before = { cpu: process.cpuUsage(), asked };
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const { user, system } = process.cpuUsage(before.cpu);
  const requests = asked - before.asked;
  reader?.kill();
  process.stdout.write(JSON.stringify({ us: (user + system) / requests, rate: requests / seconds }));
  process.exit(0);
}
