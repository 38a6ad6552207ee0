// Microseconds of CPU per request of one way through the cache. Arguments: the way, requests measured.
import { LLMRouter } from '../../dist/src/index.js';

const [way, requests] = [process.argv[2], Number(process.argv[3])];
const router = new LLMRouter();
router.addModel('m', { backend: { generate: async () => ({ content: 'x' }) } });
if (way !== 'no cache') router.enableCache({ embedder: false, maxEntries: 10_000, singleFlight: way !== 'miss alone' });
const options = way === 'not cached' ? {} : { temperature: 0 };
const isNew = way.startsWith('miss');
let asked = 0;
const promptOf = () => (isNew ? `What is the capital of country number ${asked++}?` : 'What is the capital of France?');
if (way === 'exact hit') await router.generate('What is the capital of France?', options);

async function run(count) {
  let left = count;
  const caller = async () => {
    while (left-- > 0) await router.generate(promptOf(), options);
  };
  await Promise.all(Array.from({ length: 16 }, caller));
}
await run(20_000);
const before = process.cpuUsage();
await run(requests);
const { user, system } = process.cpuUsage(before);
const { cacheHits } = router.getStats();
if ((way === 'exact hit') !== cacheHits > requests) throw new Error(`${way}: ${cacheHits} hits`);
await router.stop();
process.stdout.write(JSON.stringify({ us: (user + system) / requests }));
