import type { FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Session } from '../inspector/protocol.ts';
import { ServerError } from './errors.ts';
import { bearerOf, createKeyMatch, hostOf, isLoopback, unauthorized } from './guard.ts';
import { Sessions } from './inspector-session.ts';
import type { Tries } from './tries.ts';

type Asking = Pick<FastifyRequest, 'headers' | 'ip' | 'socket'>;

/**
 * Who may see and do what. With an admin key: whoever gives it, once for a session or with each request. Without: all
 * may see, as they may see `/stats`, and whoever is on this machine may control.
 */
export class Access {
  readonly #isKey: ((given: string) => boolean) | null;
  readonly #sessions: Sessions;
  readonly #tries: Tries;

  constructor(adminKey: string | undefined, clock: Clock, tries: Tries) {
    this.#isKey = adminKey === undefined ? null : createKeyMatch(adminKey);
    this.#sessions = new Sessions(clock);
    this.#tries = tries;
  }

  /** @throws {ServerError} when a wrong key is given with the request */
  sessionOf(request: Asking): Session {
    const view = this.mayView(request);
    const control = view && (this.#isKey !== null || isLocal(request));
    return { view, control, keyed: this.#isKey !== null };
  }

  /** @throws {ServerError} when a wrong key is given with the request */
  mayView(request: Asking): boolean {
    if (this.#isKey === null || this.hasSession(request)) return true;
    const given = bearerOf(request.headers);
    if (given === undefined) return false;
    this.#try(this.#isKey, given, request);
    return true;
  }

  hasSession(request: Asking): boolean {
    return this.#sessions.isIn(request);
  }

  /** @throws {ServerError} */
  checkView(request: Asking): void {
    if (!this.mayView(request)) throw unauthorized(request.headers);
  }

  /** For a request that may view. @throws {ServerError} */
  checkControl(request: Asking): void {
    if (this.#isKey !== null || isLocal(request)) return;
    throw new ServerError(
      'control_not_allowed',
      'without an admin key, models are controlled from the machine of the server only, by a loopback host and through no proxy; give the server one (--admin-key)',
    );
  }

  /** Trades the key for the value of a cookie; null: there is no key to be given. @throws {ServerError} */
  signIn(request: Asking, given: string): string | null {
    if (this.#isKey === null) return null;
    this.#try(this.#isKey, given, request);
    return this.#sessions.begin();
  }

  signOut(request: Asking): void {
    this.#sessions.end(request);
  }

  #try(isKey: (given: string) => boolean, given: string, { headers, ip }: Asking): void {
    if (this.#tries.isRight(ip, () => isKey(given))) return;
    throw headers.authorization === undefined
      ? new ServerError('unauthorized', 'key: given a wrong one; accepted: the admin key')
      : unauthorized(headers);
  }
}

/** Each is set by some proxies; what comes through one that runs here has only the connection from this machine. */
const OF_PROXIES = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Whether a request comes from this machine, as far as it shows. */
const isLocal = ({ headers, ip }: Asking): boolean =>
  /^(?:::ffff:)?127\.|^::1$/.test(ip) &&
  isLoopback(hostOf(headers.host ?? '') ?? '') &&
  OF_PROXIES.every((name) => headers[name] === undefined);

/** A page of another origin cannot send this header without asking first. @throws {ServerError} */
export function checkOwnHeader({ headers }: Asking): void {
  const given = headers['x-llm-router-inspector'];
  if (given === '1') return;
  const shown = given === undefined ? 'none' : 'another value';
  throw new ServerError('control_not_allowed', `x-llm-router-inspector: given ${shown}; accepted: 1`);
}
