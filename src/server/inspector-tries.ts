import type { Clock } from '../clock.ts';
import { ServerError } from './errors.ts';

const MAX_WRONG = 10;
const WITHIN_MS = 60_000;

/** Keeps a key from being guessed: after ten wrong tries in a minute, whoever made them, no further one is looked at. */
export class Tries {
  readonly #clock: Clock;
  /** When the last wrong ones were, oldest first. */
  #wrong: readonly number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {ServerError} `too_many_tries` */
  check(): void {
    const now = this.#clock.now();
    this.#wrong = this.#wrong.filter((at) => now - at < WITHIN_MS);
    if (this.#wrong.length < MAX_WRONG) return;
    const message = `key: given a wrong one ${MAX_WRONG} times within a minute; accepted: another try later`;
    throw new ServerError('too_many_tries', message, this.#wrong[0]! + WITHIN_MS - now);
  }

  wasWrong(): void {
    this.#wrong = [...this.#wrong, this.#clock.now()];
  }
}
