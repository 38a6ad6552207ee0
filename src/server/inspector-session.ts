import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../clock.ts';

const LIFE_SECONDS = 43_200;
const MAX_SESSIONS = 100;
const NAME = 'llm_router_session';

/** Viewers that have given the admin key. Each is known by a cookie whose digest alone is kept, for twelve hours. */
export class Sessions {
  readonly #clock: Clock;
  /** When each ends, by the digest of its cookie; oldest first. */
  readonly #ends = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins one, and gives the value of its cookie. Beyond a hundred the oldest falls out. */
  begin(): string {
    const token = randomBytes(32).toString('base64url');
    const [oldest] = this.#ends.keys();
    if (oldest !== undefined && this.#ends.size >= MAX_SESSIONS) this.#ends.delete(oldest);
    this.#ends.set(digestOf(token), this.#clock.now() + LIFE_SECONDS * 1_000);
    return token;
  }

  /** Whether a request carries the cookie of one that has not ended. */
  isIn(headers: IncomingHttpHeaders): boolean {
    const key = keyOf(headers);
    const end = key === null ? undefined : this.#ends.get(key);
    return end !== undefined && this.#clock.now() < end;
  }

  /** Ends the session of a request, if it has one. */
  end(headers: IncomingHttpHeaders): void {
    const key = keyOf(headers);
    if (key !== null) this.#ends.delete(key);
  }
}

function keyOf({ cookie = '' }: IncomingHttpHeaders): string | null {
  const token = /(?:^|; *)llm_router_session=([\w-]+)/.exec(cookie)?.[1];
  return token === undefined ? null : digestOf(token);
}

// What is looked up is a digest, so that the time it takes tells nothing of the cookie.
const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** No script can read it, and no page of another site can have it sent. */
const cookie = (value: string, seconds: number, isSecure: boolean): string =>
  `${NAME}=${value}; HttpOnly; SameSite=Strict; Path=/inspector; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`;

export const sessionCookie = (token: string, isSecure: boolean): string => cookie(token, LIFE_SECONDS, isSecure);

/** Has the browser forget the session's cookie. */
export const endedCookie = (isSecure: boolean): string => cookie('', 0, isSecure);
