import { cacheOf, type RouterRef } from '../../machines/request.ts';
import type { Logger } from '../router-options.ts';

/** Says once that the semantic tier is out, and why, and once that it is back; not each time that it was tried in vain. */
export function watchCache(router: RouterRef, logger: Logger): void {
  let isLacking = false;
  cacheOf(router).on('cache.changed', ({ to, reason }) => {
    if (to === 'degraded' && !isLacking) {
      logger.warn({ reason }, 'the cache has no embedder: only the same request word for word is answered from it');
    }
    if (to === 'ready' && isLacking) logger.info({}, 'the cache has its embedder');
    if (to === 'degraded' || to === 'ready') isLacking = to === 'degraded';
  });
}
