import type { CacheReportEvent } from '../../machines/cache/events.ts';
import { PRIORITY_CLASSES } from '../queue/priority.ts';
import type { CacheVerdict } from '../routing/cache-verdict.ts';
import type { Slip } from '../routing/slip.ts';
import type { Fingerprint } from './fingerprint.ts';

/** A request that waits at the cache. */
export interface Passenger {
  readonly slip: Slip;
  /** It has an answer from the cache or none. */
  readonly isOnly: boolean;
  readonly report: (event: CacheReportEvent) => void;
}

export type Miss = Extract<CacheVerdict, { status: 'miss' }>;

const rankOf = ({ class: priority }: Slip): number => PRIORITY_CLASSES.indexOf(priority);

/**
 * Identical requests on their way to one answer: they are looked up once, and what is not stored they ask in one call.
 * Each leaves for reasons of its own; when the last has left, what was begun for them is called off.
 */
export class Flight {
  readonly key: string;
  readonly asked: Fingerprint;
  /** Others may join, and what is not stored they ask in one call. */
  readonly isShared: boolean;
  /** What the look-up has come to. */
  miss: Miss = { status: 'miss', reason: 'no_embedder' };
  /** Of their prompt, once it is embedded. */
  vector: Float32Array | null = null;
  /** The call that they share; null while they are looked up. */
  call: { readonly id: string; readonly maker: Slip; isRunning: boolean } | null = null;
  readonly #passengers = new Map<string, Passenger>();
  readonly #controller = new AbortController();

  constructor(key: string, asked: Fingerprint, isShared: boolean) {
    this.key = key;
    this.asked = asked;
    this.isShared = isShared;
  }

  /** Aborts when nobody waits for the look-up any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isEmpty(): boolean {
    return this.#passengers.size === 0;
  }

  get passengers(): readonly Passenger[] {
    return [...this.#passengers.values()];
  }

  add(passenger: Passenger): void {
    this.#passengers.set(passenger.slip.id, passenger);
  }

  /** Lets one go. false: it was not aboard. */
  remove(id: string): boolean {
    return this.#passengers.delete(id);
  }

  /** Lets all go. */
  disembark(): readonly Passenger[] {
    const all = this.passengers;
    this.#passengers.clear();
    return all;
  }

  abort(): void {
    this.#controller.abort();
  }

  /** Whoever a call is made for: of the highest class, the one that came first. */
  maker(): Passenger {
    return this.passengers.reduce((best, next) => (rankOf(next.slip) < rankOf(best.slip) ? next : best));
  }

  /** Whoever is of a higher class than a call that still waits would wait behind it. */
  takes(slip: Slip): boolean {
    return this.call === null || this.call.isRunning || rankOf(slip) >= rankOf(this.call.maker);
  }
}
