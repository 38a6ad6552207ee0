import { z } from 'zod';
import type { RouterRef } from '../../machines/request.ts';
import { ConfigurationError } from '../errors.ts';
import { parseOptions } from '../options.ts';
import { createFeed, type StatelyPackage } from './stately-feed.ts';
import { type Line, openLine } from './stately-line.ts';

export interface StatelyOptions {
  /**
   * Where the relay listens that `createInspectorServer` of `@statelyai/inspect/server` starts. Default
   * `ws://localhost:8080`.
   */
  readonly url?: string | undefined;
}

export interface StatelyTarget {
  readonly actor: RouterRef;
  /** Called at most once, with why nothing is shown any more. */
  onError(error: unknown): void;
}

/** What only tests set. */
export interface StatelyInternals {
  readonly load?: () => Promise<StatelyPackage>;
}

const PACKAGE = '@statelyai/inspect';

const isWebSocketUrl = (value: string): boolean => URL.canParse(value) && /^wss?:$/.test(new URL(value).protocol);

const schema = z.strictObject({
  url: z.string().refine(isWebSocketUrl).describe('a ws or wss URL').default('ws://localhost:8080'),
});

/**
 * Shows a router that runs on stately.ai's page, by way of the relay that `@statelyai/inspect` comes with. It resolves
 * before the relay has answered; nothing is told or kept until it has. The first fault ends it, after which nothing is
 * tried again. Only figures leave the process: event types, ids, names, codes, numbers and states.
 * @throws {ConfigurationError} when an option is wrong, or `@statelyai/inspect` is not installed
 */
export async function attachStately(
  { actor, onError }: StatelyTarget,
  given: StatelyOptions,
  { load = () => import('@statelyai/inspect') }: StatelyInternals = {},
): Promise<{ detach(): void }> {
  const { url } = parseOptions(schema, given, 'inspect');
  const stately = await loaded(load);
  let line: Line | undefined;
  let watch: { unsubscribe(): void } | undefined;
  let isOver = false;

  const detach = (): void => {
    isOver = true;
    watch?.unsubscribe();
    line?.close();
  };
  const fail = (cause: unknown): void => {
    if (isOver) return;
    detach();
    try {
      onError(new Error(`inspect: ${hostOf(url)} is not shown the router, or no longer`, { cause }));
    } catch {
      // Thrown on, it would end up in whichever actor was just sending.
    }
  };
  const unlessOver = (act: () => void): void => {
    if (isOver) return;
    try {
      act();
    } catch (error) {
      fail(error);
    }
  };
  const watchFrom = (open: Line): void => {
    const feed = createFeed(stately, actor, open);
    watch = actor.system.inspect((inspected) => unlessOver(() => feed.observe(inspected)));
    feed.announce();
  };
  unlessOver(() => {
    const opening = openLine(url, { onOpen: () => unlessOver(() => watchFrom(opening)), onEnd: fail });
    line = opening;
  });
  return { detach };
}

async function loaded(load: () => Promise<StatelyPackage>): Promise<StatelyPackage> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = Object(error) as Partial<NodeJS.ErrnoException>;
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' && message?.includes(`'${PACKAGE}'`);
    const why = isMissing ? 'is not installed' : `cannot be loaded (${message})`;
    throw new ConfigurationError(
      'adapter',
      `inspect.adapter: given 'stately', whose package ${PACKAGE} ${why}; accepted: 'stately' after npm install ${PACKAGE}@0.7`,
    );
  }
}

/** Without what an operator may have put beside it, such as a token. */
const hostOf = (url: string): string => {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
};
