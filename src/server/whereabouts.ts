import type { InspectionEvent, Subscription } from 'xstate';
import type { CacheReportEvent } from '../../machines/cache/events.ts';
import type { SlotCommand } from '../../machines/events.ts';
import type { Router } from '../router.ts';
import type { Slip } from '../routing/slip.ts';
import { queuedMs } from '../routing/trace.ts';

/** Where a request is: filled in while it goes its way. */
export interface Place {
  requestId?: string;
  /** The model whose backend was called last, or that once gave the answer that was stored. */
  model?: string;
  /** Milliseconds in queues up to that call. */
  queueMs?: number;
}

/**
 * Follows streams to the model that serves them. The headers of a streamed answer leave with its first content, long
 * before `done` tells its figures; so the calls are read off the actors' events, while a stream waits and no longer.
 */
export class Whereabouts {
  readonly #router: Router;
  readonly #places = new Map<string, Place>();
  #watch: Subscription | null = null;
  #entering: Place | null = null;

  constructor(router: Router) {
    this.#router = router;
  }

  /** @param submit hands exactly one request to the router, which takes it before this returns. */
  follow<T>(submit: () => T): { readonly value: T; readonly place: Readonly<Place>; readonly release: () => void } {
    this.#watch ??= this.#router.actor.system.inspect((event) => this.#observe(event));
    const place: Place = {};
    this.#entering = place;
    const value = submit();
    this.#entering = null;
    const release = (): void => {
      this.#places.delete(place.requestId ?? '');
      if (this.#places.size > 0) return;
      this.#watch?.unsubscribe();
      this.#watch = null;
    };
    return { value, place, release };
  }

  #observe(inspected: InspectionEvent): void {
    if (inspected.type !== '@xstate.event') return;
    const event = inspected.event as SlotCommand | CacheReportEvent | { readonly type: 'request'; readonly slip: Slip };
    if (event.type === 'request' && this.#entering !== null) {
      this.#entering.requestId = event.slip.id;
      this.#places.set(event.slip.id, this.#entering);
      this.#entering = null;
    } else if (event.type === 'cache.settled' && event.model !== undefined) {
      const place = this.#places.get(event.slip.id);
      if (place !== undefined) Object.assign(place, { model: event.model, queueMs: 0 });
    } else if (event.type === 'call.start') {
      const place = this.#places.get(event.slip.id);
      if (place === undefined) return;
      // The slot's parent is the model.
      place.model = (inspected.sourceRef as { readonly id?: string } | undefined)?.id?.replace('model:', '') ?? '';
      place.queueMs = queuedMs(event.slip) + event.at - event.slip.enteredAt;
    }
  }
}
