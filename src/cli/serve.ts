import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import type { FastifyInstance } from 'fastify';
import { type CacheOptions, resolveCacheOptions } from '../cache/options.ts';
import { systemClock } from '../clock.ts';
import { applyConfig, routerOptionsOf } from '../config/apply.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { LLMRouter } from '../llm-router.ts';
import type { Logger } from '../router-options.ts';
import { isLocalHost, isWildcard, namesOf, urlOf } from '../server/address.ts';
import { carryOut, lookAround, planFor } from '../server/autodetect.ts';
import type { Readiness } from '../server/ready.ts';
import { cacheOf, serveOptionsOf, withoutEmptyVariables } from './serve-config.ts';
import { type ServeOptions, serveOptions } from './serve-options.ts';

/** How long answers that are complete may still be on their way when the router has stopped. */
const LAST_WRITES_MS = 1_000;
/** npm and the terminal both pass on one Ctrl-C: what follows this soon is the same one. */
const SAME_SIGNAL_MS = 1_000;

/** `llm-router serve`: a router as a server, as a file describes it, or over whatever models are there. */
export function serveCommand(): Command {
  const command = new Command('serve').description('serve POST /generate and the state of the router over HTTP');
  for (const option of serveOptions) command.addOption(option);
  return command.action(serve);
}

async function serve(_: ServeOptions, command: Command): Promise<void> {
  const { config } = withoutEmptyVariables(command);
  const loaded = config === undefined ? null : loadConfig(config);
  const options = serveOptionsOf(command, loaded?.config.server);
  const cache = cacheOf(command, loaded?.config.cache, process.env);
  // Only now: without what a server is made of, the commands that serve nothing start a fifth sooner.
  const [{ createServer }, { createLogger }] = await Promise.all([
    import('../server/server.ts'),
    import('../server/log.ts'),
  ]);
  const logger = createLogger();
  const readiness: Readiness = { phase: 'starting' };
  const router = new LLMRouter({ ...(loaded !== null && routerOptionsOf(loaded.config)), logger });
  const { host, adminKey } = options;
  const app = createServer(router, { logger, readiness, allowHosts: namesOf(host, options.allowHost), adminKey });
  try {
    if (loaded !== null) applyConfig(router, { ...loaded.config, cache: false });
    await listen(app, options);
    const plan = loaded === null ? planFor(await lookAround(process.env)) : null;
    const url = urlOf(host, (app.server.address() as AddressInfo).port);
    const notice = plan?.notice ?? noticeOf(loaded!);
    process.stderr.write(`${notice}\n${tryIt(url)}\nInspector: ${url}/inspector/\n`);
    if (plan !== null) carryOut(plan, router);
    if (cache !== false) {
      router.enableCache(cache as CacheOptions);
      tellCache(cache as CacheOptions, options.cachePath ?? writtenPathOf(loaded), logger);
    }
    readiness.phase = 'running';
    if (plan !== null && plan.leftOut.length > 0) {
      logger.info({ models: plan.leftOut }, 'models of Ollama that are left out');
    }
    announce(logger, options, url);
  } catch (error) {
    await Promise.all([app.close(), router.stop({ graceMs: 0 })]);
    throw error;
  }
  onSignal(() => void shutDown({ app, router, readiness, logger, drainDelayMs: options.drainDelayMs }));
}

function noticeOf({ config, file }: LoadedConfig): string {
  const models = Object.entries(config.models).filter(([, { serves }]) => serves !== 'embeddings');
  return `Answers come from ${models.map(([name]) => name).join(', ')}, as ${file} says.`;
}

const writtenPathOf = (loaded: LoadedConfig | null): string | undefined =>
  loaded?.written.cache ? loaded.written.cache.path : undefined;

/** @param path as it is written: it may be a reference */
function tellCache(options: CacheOptions, path: string | undefined, logger: Logger): void {
  const { embedder, maxTemperature } = resolveCacheOptions(options);
  logger.info(
    { tiers: embedder === false ? ['exact'] : ['exact', 'semantic'], path },
    `answers of requests with a temperature of at most ${maxTemperature} are cached`,
  );
}

async function listen(app: FastifyInstance, { host, port }: ServeOptions): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw new Error(`cannot listen on ${host}:${port}: ${message}`, { cause: error });
    throw new Error(`port ${port} of ${host} is in use; choose another with --port or LLM_ROUTER_PORT`, {
      cause: error,
    });
  }
}

const tryIt = (url: string): string =>
  `Try: curl -s ${url}/generate -H 'content-type: application/json' -d '{"prompt":"Hello"}'`;

function announce(logger: Logger, { host, allowHost, adminKey }: ServeOptions, url: string): void {
  logger.info({ url, host, allow_hosts: allowHost, admin_key: adminKey !== undefined }, `listening on ${url}`);
  if (isLocalHost(host)) return;
  if (isWildcard(host) && allowHost.length === 0) {
    logger.warn({ host }, 'only loopback hosts are answered: to be reached by name from elsewhere, give --allow-host');
  }
  logger.warn(
    { host },
    'whoever reaches this address can spend the keys of this server; put it behind something that asks who they are',
  );
}

/** Calls back at the first request to end; a later one ends the process at once. */
function onSignal(callback: () => void): void {
  let firstAt: number | null = null;
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
  ] as const) {
    process.on(signal, () => {
      const now = systemClock.now();
      if (firstAt === null) {
        firstAt = now;
        callback();
      } else if (now - firstAt > SAME_SIGNAL_MS) process.exit(128 + number);
    });
  }
}

interface Running {
  readonly app: FastifyInstance;
  readonly router: LLMRouter;
  readonly readiness: Readiness;
  readonly logger: Logger;
  readonly drainDelayMs: number;
}

/** Says that it is leaving, waits until that has been heard, lets what runs finish, and closes. */
async function shutDown({ app, router, readiness, logger, drainDelayMs }: Running): Promise<void> {
  readiness.phase = 'draining';
  logger.info({ drain_delay_ms: drainDelayMs }, 'draining');
  if (drainDelayMs > 0) await pause(drainDelayMs);
  const closed = app.close();
  await router.stop();
  const timer = systemClock.setTimeout(() => app.server.closeAllConnections(), LAST_WRITES_MS);
  await closed;
  systemClock.clearTimeout(timer);
  logger.info({}, 'stopped');
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => systemClock.setTimeout(resolve, ms));
