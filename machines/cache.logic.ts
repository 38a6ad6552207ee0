import { type CallbackActorLogic, fromCallback } from 'xstate';
import type { CacheReportEvent, CacheWork, EmbedderEvent } from './cache/events.ts';
import type { CachePort } from './ports.ts';

/**
 * Does the cache's work through its port. A look-up is reported on at once when the exact tier has the answer, else when
 * the port is done with it; one that was called off is not reported on.
 */
export function createCacheLogic(cache: CachePort): CallbackActorLogic<CacheWork, undefined> {
  return fromCallback<CacheWork, undefined>(({ receive, sendBack }) => {
    const report = sendBack as (event: CacheReportEvent | EmbedderEvent) => void;
    receive((work) => {
      switch (work.type) {
        case 'cache.look_up':
          cache.lookUp(work.slip, work.isSemantic, report);
          break;
        case 'request.cancel':
          cache.leave(work.id);
          break;
        case 'cache.release':
          cache.release();
          break;
        case 'embedder.load':
          cache.load(report);
      }
    });
  });
}
