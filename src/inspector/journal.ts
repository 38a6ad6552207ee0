import type { CacheChanged } from '../../machines/cache/events.ts';
import type {
  BreakerChanged,
  BreakerWouldOpen,
  ControlChanged,
  RateLimitBegan,
  RateLimitEnded,
} from '../../machines/model/emitted.ts';
import type { Router } from '../router.ts';
import type { Times } from './figures.ts';
import type { Mark } from './protocol.ts';
import { Ring } from './ring.ts';

/** Marks that are kept. */
const MOST = 1_000;

/** `Omit` of each kind by itself. */
type Unnumbered = Mark extends infer Kind ? (Kind extends Mark ? Omit<Kind, 'n'> : never) : never;

/**
 * The last changes of breakers, rate limits, controls and the cache. It listens from its making on, also while nobody
 * watches: these are rare, cost no request anything, and are what an operator who comes after an incident asks for.
 */
export class Journal {
  readonly #marks = new Ring<Mark>(MOST);
  readonly #onMark: (mark: Mark) => void;
  readonly #stop: (() => void)[] = [];

  constructor(router: Router, times: () => Times, onMark: (mark: Mark) => void) {
    this.#onMark = onMark;
    const at = (time: number): number => times().wallTimeOf(time);
    const listen: typeof router.on = (name, listener) => {
      router.on(name, listener);
      this.#stop.push(() => router.off(name, listener));
      return router;
    };
    listen('breaker.changed', ({ type: _, ...event }: BreakerChanged) =>
      this.#add({ ...event, kind: 'breaker', at: at(event.at) }),
    );
    listen('breaker.would_open', ({ type: _, ...event }: BreakerWouldOpen) =>
      this.#add({ ...event, kind: 'would_open', at: at(event.at) }),
    );
    listen('control.changed', ({ type: _, ...event }: ControlChanged) =>
      this.#add({ ...event, kind: 'control', at: at(event.at) }),
    );
    listen('rate_limit.began', ({ type: _, ...event }: RateLimitBegan) =>
      this.#add({ ...event, kind: 'limit_began', at: at(event.at) }),
    );
    listen('rate_limit.ended', ({ type: _, ...event }: RateLimitEnded) =>
      this.#add({ ...event, kind: 'limit_ended', at: at(event.at) }),
    );
    listen('cache.changed', ({ from, to, reason, ...event }: CacheChanged) =>
      this.#add({ kind: 'cache', model: null, from, to, reason: reason ?? null, at: at(event.at) }),
    );
    for (const kind of ['added', 'removed'] as const) {
      const { unsubscribe } = router.actor.on(`model.${kind}`, ({ model }) =>
        this.#add({ kind, model, at: at(times().now) }),
      );
      this.#stop.push(unsubscribe);
    }
  }

  get count(): number {
    return this.#marks.count;
  }

  after(number: number): Mark[] {
    return [...this.#marks.after(number)];
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }

  #add(mark: Unnumbered): void {
    const numbered = { ...mark, n: this.#marks.count + 1 } as Mark;
    this.#marks.push(numbered);
    this.#onMark(numbered);
  }
}
