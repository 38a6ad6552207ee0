import type { Socket } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { InvalidRequestError } from '../errors.ts';
import type { Logger } from '../router-options.ts';
import { isInternal, rawErrorAnswer, ServerError } from './errors.ts';
import { checkSource } from './guard.ts';
import { logRequest } from './log.ts';
import type { Readiness } from './ready.ts';
import { clientRequestId, sendError } from './reply.ts';

export interface AppSettings {
  readonly allowHosts: readonly string[];
  readonly bodyLimitBytes: number;
  readonly readerTimeoutMs: number;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** What there is, for whoever asks for what is not. */
  readonly routes: string;
}

export const BODY_LIMIT_BYTES = 1_048_576;
export const READER_TIMEOUT_MS = 60_000;
export const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The longest time that a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 60_000;

/** What every server here has in common: who is answered, how errors are told, what is logged, how it ends; and `/livez`. */
export function createApp(settings: AppSettings): FastifyInstance {
  const { bodyLimitBytes, readerTimeoutMs, logger, readiness, routes } = settings;
  const allowed = new Set(settings.allowHosts.map((host) => host.toLowerCase()));
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
    sendError(new ServerError('not_found', `no such path for ${request.method}; accepted: ${routes}`), request, reply);
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
    parseJson(body),
  );
  app.get('/livez', async () => ({ status: 'alive' }));
  app.addHook('preClose', async () => {
    readiness.phase = 'draining';
  });
  addFarewell(app, readiness);
  return app;
}

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
