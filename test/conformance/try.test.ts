import { it } from 'vitest';
import { cockatiel } from './adapters/cockatiel-bulkhead.ts';
import { llmRouter } from './adapters/llm-router-queue.ts';
import { opossum } from './adapters/opossum.ts';
import { pQueue } from './adapters/p-queue.ts';
import { underFakeTime } from './adapters/peer-time.ts';
import { BREAKER_CASES } from './breaker-cases.ts';
import { outcomeOf } from './outcome.ts';
import { QUEUE_CASES } from './queue-cases.ts';
it('tries', async () => {
  for (const row of [...BREAKER_CASES, ...QUEUE_CASES])
    for (const impl of [llmRouter, opossum, cockatiel, pQueue]) {
      if (process.env['ROW'] && !row.id.match(process.env['ROW'])) continue; if (impl === pQueue && row.id.startsWith('C')) continue;
      const t = performance.now();
      let o: any;
      if (impl === llmRouter) o = await outcomeOf(row, impl); else await underFakeTime(async () => { o = await outcomeOf(row, impl); }, 300_000);
      console.log(row.id, impl.name, o.verdict, o.reason ?? '', o.error && !(o.error.constructor.name==='Unmet') ? o.error.stack : '', performance.now() - t > 50 ? Math.round(performance.now()-t)+'ms' : '');
    }
}, 300_000);
