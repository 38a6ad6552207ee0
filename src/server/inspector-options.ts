import { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import { parseOptions, wholeBetween } from '../options.ts';
import { isLocalHost } from './address.ts';
import { allowedHostNames, hostOf, visibleKey } from './guard.ts';

export interface InspectOptions {
  /**
   * Who shows the router: `page`, one that this process serves, or `stately`, the page of stately.ai, for which
   * `@statelyai/inspect` must be installed and its relay run. Default `page`; what follows but `url` is about that.
   */
  readonly adapter?: 'page' | 'stately' | undefined;
  /** Port that the page is served on; 0: any free one. Default 0. */
  readonly port?: number | undefined;
  /** Address that it is served on; one that others reach needs an `adminKey`. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Hosts by which requests may name it, besides the loopback ones and `host`; without port. Default: none. */
  readonly allowHosts?: readonly string[] | undefined;
  /** What the page asks for before it shows anything. Default: none; then whoever reaches it may see. */
  readonly adminKey?: string | undefined;
  /** Whether the page is opened in the browser. Default false. */
  readonly open?: boolean | undefined;
  /** Keeps prompts and answers of the last requests, and shows them. Default false. */
  readonly includeContent?: boolean | undefined;
  /** Of `stately`: where the relay of `@statelyai/inspect` listens. Default `ws://localhost:8080`. */
  readonly url?: string | undefined;
}

/** A router that is shown. */
export interface Inspection {
  /** Where its page is; of `stately`, the relay. */
  readonly url: string;
  close(): Promise<void>;
}

const schema = z.strictObject({
  adapter: z.enum(['page', 'stately']).describe('page, stately').default('page'),
  port: wholeBetween(0, 65_535).default(0),
  host: z
    .string()
    .refine((host) => hostOf(host.includes(':') ? `[${host}]` : host) !== null)
    .describe('an address or a host name')
    .default('127.0.0.1'),
  allowHosts: allowedHostNames.default([]),
  adminKey: visibleKey.optional(),
  open: z.boolean().describe('true or false').default(false),
  includeContent: z.boolean().describe('true or false').default(false),
  url: z.string().describe('a ws or wss URL').optional(),
});

export type InspectSettings = ReturnType<typeof resolveInspectOptions>;

/** The options with every default filled in, but for `url`. @throws {ConfigurationError} */
export function resolveInspectOptions(options: InspectOptions) {
  const resolved = parseOptions(schema, options, 'inspect()');
  const { adapter, host, adminKey, url } = resolved;
  if (adapter === 'page' && url !== undefined) {
    throw new ConfigurationError('url', "inspect().url: given with adapter 'page'; accepted: with 'stately' only");
  }
  if (!isLocalHost(host) && adminKey === undefined) {
    const message = `inspect().host: given ${JSON.stringify(host)} without adminKey; accepted: a loopback host, or any with adminKey`;
    throw new ConfigurationError('host', message);
  }
  return resolved;
}
