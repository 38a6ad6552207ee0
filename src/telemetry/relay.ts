import { cacheOf, type RouterRef } from '../../machines/request.ts';
import type { ModelRef } from '../../machines/router/events.ts';
import type { EventBus } from './events.ts';

// What the charts emit, handed on to the listeners of the router: as it is, for it holds figures only.

const OF_MODELS = [
  'breaker.changed',
  'breaker.would_open',
  'control.changed',
  'rate_limit.began',
  'rate_limit.ended',
  'result.stale',
  'request.displaced',
] as const;
const OF_ROUTERS = ['attempt.failed', 'request.parked', 'request.displaced', 'event.dropped'] as const;

export function relayModel(model: ModelRef, bus: EventBus): void {
  for (const name of OF_MODELS) model.on(name, (event) => bus.emit(name, event as never));
}

/** Its cache is one of a router's own actors. */
export function relayCache(router: RouterRef, bus: EventBus): void {
  cacheOf(router).on('cache.changed', (event) => bus.emit('cache.changed', event));
}

export function relayRouter(router: RouterRef, bus: EventBus): void {
  for (const name of OF_ROUTERS) router.on(name, (event) => bus.emit(name, event as never));
}
