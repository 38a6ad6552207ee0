import type { Socket } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { z } from 'zod';
import { InvalidRequestError } from '../errors.ts';
import { parseOptions } from '../options.ts';
import type { Router } from '../router.ts';
import type { Logger } from '../router-options.ts';
import { addCachePurge } from './cache.ts';
import { isInternal, rawErrorAnswer, ServerError } from './errors.ts';
import { addGenerate } from './generate.ts';
import { checkMediaType, checkSource, createKeyCheck, hostOf } from './guard.ts';
import { createHealthCheck } from './health.ts';
import { logBreakers, logRequest } from './log.ts';
import { type Readiness, readyStatus } from './ready.ts';
import { clientRequestId, sendError } from './reply.ts';

export interface ServerOptions {
  /** Hosts by which requests may name this server, besides the loopback ones; without port. Default: none. */
  readonly allowHosts?: readonly string[] | undefined;
  /** When given, `/stats`, `/models`, `/health` and `/cache/purge` ask for `Authorization: Bearer <key>`. Default: none. */
  readonly adminKey?: string | undefined;
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
  allowHosts: z
    .array(z.string().refine((host) => hostOf(host) === host.toLowerCase()))
    .describe('an array of host names without scheme and port')
    .default([]),
  adminKey: z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .describe('one or more visible ASCII characters')
    .optional(),
  bodyLimitBytes: z.int().min(1).describe('an integer of 1 or more').default(1_048_576),
  readerTimeoutMs: z.int().min(1).describe('an integer of 1 or more').default(60_000),
});

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The longest time that a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * A server over a router, not yet listening. Closing it leaves the router running: that is its maker's to stop.
 * @throws {ConfigurationError}
 */
export function createServer(router: Router, options: ServerOptions = {}): FastifyInstance {
  const { adminKey, allowHosts, bodyLimitBytes, readerTimeoutMs } = parseOptions(schema, options, 'createServer()');
  const { logger = silent, readiness = { phase: 'running' } } = options;
  const allowed = new Set(allowHosts.map((host) => host.toLowerCase()));
  let requests = 0;

  // Fastify logs nothing itself: its lines hold URLs, and its errors may quote bodies.
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // While it closes, the router is the one that refuses, in the same words as ever.
    return503OnClosing: false,
    genReqId: (request) => clientRequestId(request) ?? `http-${++requests}`,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
    clientErrorHandler: refuseRaw,
  });

  app.addHook('onRequest', async (request, reply) => {
    logRequest(logger, request, reply, clientRequestId(request));
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-store' });
    reply.raw.setTimeout(readerTimeoutMs, () => {
      if (reply.raw.writableNeedDrain) reply.raw.destroy();
    });
    checkSource(request.headers, allowed);
  });
  app.setErrorHandler((error, request, reply) => {
    // The client has hung up, and this is how its call ended.
    if (reply.raw.destroyed) return;
    if (isInternal(error)) logger.error({ request_id: request.id, error }, 'the server has failed');
    sendError(error, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    sendError(new ServerError('not_found', `no such path for ${request.method}; accepted: ${ROUTES}`), request, reply);
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
    parseJson(body),
  );
  app.register(async (json) => {
    json.addHook('onRequest', async ({ headers }) => checkMediaType(headers));
    addGenerate(json, router);
  });
  app.register(async (admin) => {
    if (adminKey !== undefined) {
      const checkKey = createKeyCheck(adminKey);
      admin.addHook('onRequest', async ({ headers }) => checkKey(headers));
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
  app.get('/livez', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const status = readyStatus(router, readiness);
    return reply.code(status === 'ready' ? 200 : 503).send({ status });
  });

  const stopLogging = logBreakers(logger, router);
  app.addHook('preClose', async () => {
    readiness.phase = 'draining';
  });
  app.addHook('onClose', async () => stopLogging());
  addFarewell(app, readiness);
  return app;
}

const ROUTES = 'POST /generate, /cache/purge, GET /stats, /models, /health, /livez, /readyz';

/** No connection outlives its last answer once the server is leaving. */
function addFarewell(app: FastifyInstance, readiness: Readiness): void {
  app.addHook('onSend', async (_request: FastifyRequest, reply: FastifyReply) => {
    if (readiness.phase === 'draining') reply.header('connection', 'close');
  });
  app.addHook('onRequest', async (request, reply) => {
    const { socket } = request.raw;
    // A stream that was begun before has promised to keep its connection.
    reply.raw.once('close', () => {
      if (readiness.phase === 'draining') socket.end();
    });
  });
}

/** Dangerous names such as `__proto__` are harmless here, because only known fields are ever read. */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Without its cause, which quotes what was sent.
    throw new InvalidRequestError('body', 'body: given text that is no JSON; accepted: a JSON object');
  }
}

function refuseRaw(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  socket.end(rawErrorAnswer(error.code));
}
