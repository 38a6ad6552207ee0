import { hostOf, isLoopback } from './guard.ts';

const WILDCARDS = ['0.0.0.0', '::'];

/** Whether a host is listened on under every address of the machine. */
export const isWildcard = (host: string): boolean => WILDCARDS.includes(host);

/** Whether a host is reached from this machine only. */
export const isLocalHost = (host: string): boolean => isLoopback(hostOf(inUrl(host)) ?? '');

/** An IPv6 address stands in brackets there. */
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The names by which requests may call a server: a concrete address that is listened on is one too; a wildcard is not. */
export function namesOf(host: string, allowHosts: readonly string[]): readonly string[] {
  const own = inUrl(host);
  return isWildcard(host) || hostOf(own) !== own.toLowerCase() ? allowHosts : [own, ...allowHosts];
}

/** Where this machine reaches the server. */
export const urlOf = (host: string, port: number): string =>
  `http://${isWildcard(host) ? '127.0.0.1' : inUrl(host)}:${port}`;
