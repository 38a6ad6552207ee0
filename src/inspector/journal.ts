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
import type { Command, Mark } from './protocol.ts';
import { Ring } from './ring.ts';

/** Marks that are kept: of rate limits, which can come by the second, and of all else. */
const MOST_LIMITS = 300;
const MOST = 1_000;

/** `Omit` of each kind by itself. */
type Unnumbered = Mark extends infer Kind ? (Kind extends Mark ? Omit<Kind, 'n'> : never) : never;

/**
 * The last changes of breakers, rate limits, controls and the cache. It listens from its making on, also while nobody
 * watches: these are rare, cost no request anything, and are what an operator who comes after an incident asks for.
 */
export class Journal {
  /** Each by itself, so that a storm of 429s does not push out why a breaker has opened. */
  readonly #marks = new Ring<Mark>(MOST);
  readonly #limits = new Ring<Mark>(MOST_LIMITS);
  /** Models whose limit has begun and not ended: one that is only lengthened is no news. */
  readonly #limited = new Set<string>();
  readonly #times: () => Times;
  readonly #onMark: (mark: Mark) => void;
  readonly #stop: (() => void)[] = [];

  constructor(router: Router, times: () => Times, onMark: (mark: Mark) => void) {
    this.#onMark = onMark;
    this.#times = times;
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
    listen('rate_limit.began', ({ type: _, ...event }: RateLimitBegan) => {
      if (!this.#limited.has(event.model)) this.#add({ ...event, kind: 'limit_began', at: at(event.at) });
      this.#limited.add(event.model);
    });
    listen('rate_limit.ended', ({ type: _, ...event }: RateLimitEnded) => {
      this.#limited.delete(event.model);
      this.#add({ ...event, kind: 'limit_ended', at: at(event.at) });
    });
    listen('cache.changed', ({ from, to, reason, ...event }: CacheChanged) =>
      this.#add({ kind: 'cache', model: null, from, to, reason: reason ?? null, at: at(event.at) }),
    );
    for (const kind of ['added', 'removed'] as const) {
      const { unsubscribe } = router.actor.on(`model.${kind}`, ({ model }) => {
        this.#limited.delete(model);
        this.#add({ kind, model, at: at(times().now) });
      });
      this.#stop.push(unsubscribe);
    }
  }

  /** The number of the newest mark. */
  get count(): number {
    return this.#marks.count + this.#limits.count;
  }

  /** Those with a higher number, oldest first. */
  after(number: number): Mark[] {
    return [...this.#marks.after(0), ...this.#limits.after(0)]
      .filter(({ n }) => n > number)
      .sort((one, other) => one.n - other.n);
  }

  /** What an operator did, when nothing else tells of it. */
  command(model: string, command: Command): void {
    const { now, wallTimeOf } = this.#times();
    this.#add({ kind: 'command', model, command, at: wallTimeOf(now) });
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }

  #add(mark: Unnumbered): void {
    const numbered = { ...mark, n: this.count + 1 } as Mark;
    const isLimit = mark.kind === 'limit_began' || mark.kind === 'limit_ended';
    (isLimit ? this.#limits : this.#marks).push(numbered);
    this.#onMark(numbered);
  }
}
