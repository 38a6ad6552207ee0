// One router in one scene, in a process of its own: `node measure.mjs <scene> <router> <fault> [--quick]` prints its figures.

import { BREAKER, runHalfBroken } from './half-broken.mjs';
import { runCancellations, runDepartures } from './leaving.mjs';
import { runOutage } from './outage.mjs';
import { startProvider } from './provider-process.mjs';
import { ROUTERS } from './routers.mjs';

const [scene, name, fault] = process.argv.slice(2);
const quick = process.argv.includes('--quick');
const provider = await startProvider();

async function underLoad(run, breaker) {
  const router = ROUTERS[name](provider.url, breaker);
  const figures = await run({ provider, router, fault, quick });
  await router.close();
  return figures;
}

const SCENES = {
  outage: () => underLoad(runOutage),
  'half-broken': () => underLoad(runHalfBroken, BREAKER),
  departures: () => runDepartures(provider, quick),
  cancellations: () => runCancellations(provider, quick),
};

const figures = await SCENES[scene]();
await provider.stop();
process.stdout.write(JSON.stringify(figures));
