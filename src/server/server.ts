import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { Inspector } from '../inspector/inspector.ts';
import { parseOptions, wholeFrom } from '../options.ts';
import type { Router } from '../router.ts';
import type { Logger } from '../router-options.ts';
import { BODY_LIMIT_BYTES, createApp, READER_TIMEOUT_MS, silent } from './app.ts';
import { addCachePurge } from './cache.ts';
import { addGenerate } from './generate.ts';
import { allowedHostNames, checkMediaType, createKeyCheck, visibleKey } from './guard.ts';
import { createHealthCheck } from './health.ts';
import { addInspector } from './inspector.ts';
import { logBreakers } from './log.ts';
import { type Readiness, readyStatus } from './ready.ts';
import { Tries } from './tries.ts';

export interface ServerOptions {
  /** Hosts by which requests may name this server, besides the loopback ones; without port. Default: none. */
  readonly allowHosts?: readonly string[] | undefined;
  /**
   * When given, `/stats`, `/models`, `/health` and `/cache/purge` ask for `Authorization: Bearer <key>`, and the inspector
   * for it or for the key in its page. Default: none.
   */
  readonly adminKey?: string | undefined;
  /** Whether the inspector's page and what it shows are at `/inspector/`. Default true. */
  readonly inspector?: boolean | undefined;
  /** The longest body that is read, in bytes. Default 1 MiB. */
  readonly bodyLimitBytes?: number | undefined;
  /** How long a client may take nothing of an answer before its connection is cut, in milliseconds. Default 60,000. */
  readonly readerTimeoutMs?: number | undefined;
  /** Silent by default. */
  readonly logger?: Logger | undefined;
  /** What `/readyz` tells besides the models' state. Default: `running` from the start. */
  readonly readiness?: Readiness | undefined;
}

const schema = z.object({
  allowHosts: allowedHostNames.default([]),
  adminKey: visibleKey.optional(),
  inspector: z.boolean().describe('true or false').default(true),
  bodyLimitBytes: wholeFrom(1).default(BODY_LIMIT_BYTES),
  readerTimeoutMs: wholeFrom(1).default(READER_TIMEOUT_MS),
});

const ROUTES = 'POST /generate, /cache/purge, GET /stats, /models, /health, /livez, /readyz';

/**
 * A server over a router, not yet listening. Closing it leaves the router running: that is its maker's to stop.
 * @throws {ConfigurationError}
 */
export function createServer(router: Router, options: ServerOptions = {}): FastifyInstance {
  const { adminKey, inspector, ...settings } = parseOptions(schema, options, 'createServer()');
  const { logger = silent, readiness = { phase: 'running' } } = options;
  const routes = inspector ? `${ROUTES}, /inspector` : ROUTES;
  const app = createApp({ ...settings, logger, readiness, routes });
  const tries = new Tries(systemClock);

  app.register(async (json) => {
    json.addHook('onRequest', async ({ headers }) => checkMediaType(headers));
    addGenerate(json, router);
  });
  app.register(async (admin) => {
    if (adminKey !== undefined) {
      const checkKey = createKeyCheck(adminKey, tries);
      admin.addHook('onRequest', async (request) => checkKey(request));
    }
    admin.register(async (json) => {
      json.addHook('onRequest', async ({ headers }) => checkMediaType(headers));
      addCachePurge(json, router);
    });
    const health = createHealthCheck(router);
    admin.get('/stats', async () => router.getStats());
    admin.get('/models', async () => router.getModelStatus());
    admin.get('/health', async (_request, reply) => {
      const report = await health();
      return reply.code(report.status === 'unhealthy' ? 503 : 200).send(report);
    });
  });
  app.get('/readyz', async (_request, reply) => {
    const status = readyStatus(router, readiness);
    return reply.code(status === 'ready' ? 200 : 503).send({ status });
  });
  if (inspector) addInspector(app, new Inspector(router), { adminKey, tries, logger });

  const stopLogging = logBreakers(logger, router);
  app.addHook('onClose', async () => stopLogging());
  return app;
}
