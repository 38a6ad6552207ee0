import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { show } from '../request-fields.ts';
import { ServerError } from './errors.ts';
import type { Tries } from './tries.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)\.?(?::\d{1,5})?$/;

/** The name in a `Host` header, in lower case and without port; null when it has none. */
export const hostOf = (header: string): string | null => HOST.exec(header.toLowerCase())?.[1] ?? null;

// Options of everything that listens.
export const allowedHostNames = z
  .array(z.string().refine((host) => hostOf(host) === host.toLowerCase()))
  .describe('an array of host names without scheme and port');
export const visibleKey = z
  .string()
  .regex(/^[\x21-\x7e]+$/)
  .describe('one or more visible ASCII characters');

/**
 * Refuses what a web page could send here: without these two checks any page that its user visits could spend the
 * provider's key, by a plain request or by pointing a name of its own at this address.
 * @throws {ServerError}
 */
export function checkSource(headers: IncomingHttpHeaders, allowedHosts: ReadonlySet<string>): void {
  const { host = '', origin } = headers;
  const name = hostOf(host);
  if (name === null || !(isLoopback(name) || allowedHosts.has(name))) {
    throw new ServerError(
      'host_not_allowed',
      `Host: given ${show(host)}; accepted: a loopback host or one of --allow-host`,
    );
  }
  if (origin !== undefined && !isOwn(origin, host)) {
    throw new ServerError('origin_not_allowed', `Origin: given ${show(origin)}; accepted: none, or this server's own`);
  }
}

/**
 * Refuses what a browser sends for a page of elsewhere. A request that wants no answer read has no `Origin`, but this
 * header, which no page can set or leave out.
 * @throws {ServerError}
 */
export function checkSite(headers: IncomingHttpHeaders): void {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  throw new ServerError('origin_not_allowed', `Sec-Fetch-Site: given ${show(site)}; accepted: same-origin, none`);
}

/** The scheme is left out of account, because a proxy in front may be the one that speaks TLS. */
function isOwn(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}

/** @throws {ServerError} unless the body is declared as plain JSON */
export function checkMediaType(headers: IncomingHttpHeaders): void {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  if (type.split(';')[0]!.trim().toLowerCase() !== 'application/json') {
    throw new ServerError(
      'unsupported_media_type',
      `Content-Type: given ${type === '' ? 'none' : show(type)}; accepted: application/json`,
    );
  }
  if (encoding !== 'identity') {
    throw new ServerError('unsupported_media_type', `Content-Encoding: given ${show(encoding)}; accepted: none`);
  }
}

/** What stands behind `Authorization: Bearer`; undefined: nothing does. */
export const bearerOf = ({ authorization = '' }: IncomingHttpHeaders): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(authorization)?.[1];

/** Whether a key is the right one, in a time that tells nothing of it. */
export function createKeyMatch(key: string): (given: string) => boolean {
  const expected = digest(key);
  return (given) => timingSafeEqual(digest(given), expected);
}

/** Checks `Authorization: Bearer <key>` in a time that tells nothing of the key, and not too often for one address. */
export function createKeyCheck(key: string, tries: Tries): (request: Pick<FastifyRequest, 'headers' | 'ip'>) => void {
  const isKey = createKeyMatch(key);
  return ({ headers, ip }) => {
    const given = bearerOf(headers);
    if (given === undefined || !tries.isRight(ip, () => isKey(given))) throw unauthorized(headers);
  };
}

export const unauthorized = ({ authorization = '' }: IncomingHttpHeaders): ServerError =>
  new ServerError(
    'unauthorized',
    `Authorization: given ${authorization === '' ? 'none' : 'a wrong one'}; accepted: Bearer and the admin key`,
  );

/** Of one length for any key, as `timingSafeEqual` wants. */
const digest = (key: string): Buffer => createHash('sha256').update(key).digest();
