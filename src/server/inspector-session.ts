import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../clock.ts';

const LIFE_SECONDS = 43_200;
const MAX_SESSIONS = 100;

/** What of a request tells its session. */
export interface Carrier {
  readonly headers: Pick<IncomingHttpHeaders, 'cookie'>;
  readonly socket: { readonly localPort?: number | undefined };
}

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
  isIn(request: Carrier): boolean {
    const key = keyOf(request);
    const end = key === null ? undefined : this.#ends.get(key);
    return end !== undefined && this.#clock.now() < end;
  }

  /** Ends the session of a request, if it has one. */
  end(request: Carrier): void {
    const key = keyOf(request);
    if (key !== null) this.#ends.delete(key);
  }
}

function keyOf({ headers: { cookie = '' }, socket }: Carrier): string | null {
  const start = `${nameAt(socket)}=`;
  const pair = cookie.split(/; */).find((text) => text.startsWith(start));
  return pair === undefined ? null : digestOf(pair.slice(start.length));
}

/** Cookies know no ports, so that two servers under one host name would have one session between them. */
const nameAt = ({ localPort = 0 }: Carrier['socket']): string => `llm_router_session_${localPort}`;

// What is looked up is a digest, so that the time it takes tells nothing of the cookie.
const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** A request that a cookie answers. */
export interface CookieRequest extends Carrier {
  readonly headers: Pick<IncomingHttpHeaders, 'cookie' | 'origin'>;
  readonly protocol: 'http' | 'https';
}

/**
 * No script can read it, and no page of another site can have it sent. Its path is where it was set, which a proxy may
 * have below a path of its own.
 */
function cookie({ headers: { origin = '' }, protocol, socket }: CookieRequest, value: string, seconds: number): string {
  // A proxy in front may be the one that speaks TLS.
  const isSecure = protocol === 'https' || /^https:/i.test(origin);
  return `${nameAt(socket)}=${value}; HttpOnly; SameSite=Strict; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`;
}

export const sessionCookie = (request: CookieRequest, token: string): string => cookie(request, token, LIFE_SECONDS);

/** Has the browser forget the session's cookie. */
export const endedCookie = (request: CookieRequest): string => cookie(request, '', 0);
