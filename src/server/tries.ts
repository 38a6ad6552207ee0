import type { Clock } from '../clock.ts';
import { ServerError } from './errors.ts';

const MAX_WRONG = 10;
const WITHIN_MS = 60_000;

/** Addresses that are kept in mind, so that their number bounds the memory. */
const MAX_ADDRESSES = 1_000;

/** Keeps a key from being guessed: of an address with ten wrong tries in a minute no further one is looked at. */
export class Tries {
  readonly #clock: Clock;
  /** When the last wrong ones of an address were, oldest first; the address that was wrong last stands last. */
  readonly #wrong = new Map<string, readonly number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether what an address gives is right. @throws {ServerError} `too_many_tries`, and nothing is looked at then */
  isRight(address: string, look: () => boolean): boolean {
    const now = this.#clock.now();
    const wrong = (this.#wrong.get(address) ?? []).filter((at) => now - at < WITHIN_MS);
    if (wrong.length >= MAX_WRONG) {
      const message = `key: given a wrong one ${MAX_WRONG} times within a minute; accepted: another try later`;
      throw new ServerError('too_many_tries', message, wrong[0]! + WITHIN_MS - now);
    }
    if (look()) return true;
    this.#remember(address, [...wrong, now]);
    return false;
  }

  #remember(address: string, wrong: readonly number[]): void {
    this.#wrong.delete(address);
    const [oldest] = this.#wrong.keys();
    if (oldest !== undefined && this.#wrong.size >= MAX_ADDRESSES) this.#wrong.delete(oldest);
    this.#wrong.set(address, wrong);
  }
}
