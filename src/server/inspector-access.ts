import type { FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Session } from '../inspector/protocol.ts';
import { ServerError } from './errors.ts';
import { bearerOf, createKeyMatch, unauthorized } from './guard.ts';
import { Sessions } from './inspector-session.ts';
import { Tries } from './inspector-tries.ts';

type Asking = Pick<FastifyRequest, 'headers' | 'raw'>;

/**
 * Who may see and do what. With an admin key: whoever gives it, once for a session or with each request. Without: all
 * may see, as they may see `/stats`, and whoever is on this machine may control.
 */
export class Access {
  readonly #isKey: ((given: string) => boolean) | null;
  readonly #sessions: Sessions;
  readonly #tries: Tries;

  constructor(adminKey: string | undefined, clock: Clock) {
    this.#isKey = adminKey === undefined ? null : createKeyMatch(adminKey);
    this.#sessions = new Sessions(clock);
    this.#tries = new Tries(clock);
  }

  /** @throws {ServerError} when a wrong key is given with the request */
  sessionOf(request: Asking): Session {
    const view = this.mayView(request);
    const control = view && (this.#isKey !== null || isLocal(request));
    return { view, control, keyed: this.#isKey !== null };
  }

  /** @throws {ServerError} when a wrong key is given with the request */
  mayView({ headers }: Asking): boolean {
    if (this.#isKey === null || this.hasSession({ headers })) return true;
    const given = bearerOf(headers);
    if (given === undefined) return false;
    this.#try(this.#isKey, given, headers);
    return true;
  }

  hasSession({ headers }: Pick<Asking, 'headers'>): boolean {
    return this.#sessions.isIn(headers);
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
      'without an admin key, models are controlled from the machine of the server only; give the server one (--admin-key)',
    );
  }

  /** Trades the key for the value of a cookie; null: there is no key to be given. @throws {ServerError} */
  signIn({ headers }: Asking, given: string): string | null {
    if (this.#isKey === null) return null;
    this.#try(this.#isKey, given, headers);
    return this.#sessions.begin();
  }

  signOut({ headers }: Asking): void {
    this.#sessions.end(headers);
  }

  #try(isKey: (given: string) => boolean, given: string, headers: Asking['headers']): void {
    this.#tries.check();
    if (isKey(given)) return;
    this.#tries.wasWrong();
    throw headers.authorization === undefined
      ? new ServerError('unauthorized', 'key: given a wrong one; accepted: the admin key')
      : unauthorized(headers);
  }
}

/** Whether a request comes from this machine; behind a proxy that runs here, every one does. */
const isLocal = ({ raw }: Asking): boolean => /^(?:::ffff:)?127\.|^::1$/.test(raw.socket.remoteAddress ?? '');

/** A page of another origin cannot send this header without asking first. @throws {ServerError} */
export function checkOwnHeader({ headers }: Asking): void {
  const given = headers['x-llm-router-inspector'];
  if (given === '1') return;
  const shown = given === undefined ? 'none' : 'another value';
  throw new ServerError('control_not_allowed', `x-llm-router-inspector: given ${shown}; accepted: 1`);
}
