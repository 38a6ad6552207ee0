import type { CacheReportEvent } from '../../machines/cache/events.ts';
import { PRIORITY_CLASSES } from '../queue/priority.ts';
import type { CacheVerdict } from '../routing/cache-verdict.ts';
import type { Slip } from '../routing/slip.ts';

/** A request that waits at the cache. */
export interface Passenger {
  readonly slip: Slip;
  /** It has an answer from the cache or none. */
  readonly isOnly: boolean;
  readonly report: (event: CacheReportEvent) => void;
}

const rankOf = ({ class: priority }: Slip): number => PRIORITY_CLASSES.indexOf(priority);

/**
 * Identical requests on their way to one answer: they are looked up once, and what is not stored they ask in one call.
 * Each leaves for reasons of its own; the last to leave calls off what was begun for them.
 */
export class Flight {
  readonly key: string;
  /** Others may join, and what is not stored they ask in one call. */
  readonly isShared: boolean;
  /** What the look-up has come to. */
  miss: Extract<CacheVerdict, { status: 'miss' }> = { status: 'miss', reason: 'no_embedder' };
  readonly #passengers = new Map<string, Passenger>();
  readonly #controller = new AbortController();
  /** The call that they share; null while they are looked up. */
  #call: { readonly id: string; readonly rank: number; hasStarted: boolean } | null = null;

  constructor(key: string, isShared: boolean) {
    this.key = key;
    this.isShared = isShared;
  }

  /** Aborts when the last has left. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get passengers(): readonly Passenger[] {
    return [...this.#passengers.values()];
  }

  get callId(): string | null {
    return this.#call?.id ?? null;
  }

  add(passenger: Passenger): void {
    this.#passengers.set(passenger.slip.id, passenger);
  }

  /** Lets one go. false: it was not aboard. */
  remove(id: string): boolean {
    const wasAboard = this.#passengers.delete(id);
    if (wasAboard && this.#passengers.size === 0) this.#controller.abort();
    return wasAboard;
  }

  /** Lets all go who match. */
  take(matches: (passenger: Passenger) => boolean = () => true): readonly Passenger[] {
    const taken = this.passengers.filter(matches);
    for (const { slip } of taken) this.#passengers.delete(slip.id);
    return taken;
  }

  /** Who stands for all: of the highest class, the one that came first. */
  leader(): Passenger {
    return this.passengers.reduce((best, next) => (rankOf(next.slip) < rankOf(best.slip) ? next : best));
  }

  takeOff(id: string, leader: Slip): void {
    this.#call = { id, rank: rankOf(leader), hasStarted: false };
  }

  /** A model has been called. */
  start(): void {
    if (this.#call !== null) this.#call.hasStarted = true;
  }

  /** Whoever is of a higher class than a call that still waits would wait behind it. */
  takes(slip: Slip): boolean {
    return this.#call === null || this.#call.hasStarted || rankOf(slip) >= this.#call.rank;
  }
}
