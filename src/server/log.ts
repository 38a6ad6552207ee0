import type { FastifyReply, FastifyRequest } from 'fastify';
import { type DestinationStream, pino } from 'pino';
import type { BreakerChanged } from '../../machines/model/emitted.ts';
import { systemClock } from '../clock.ts';
import { LLMRouterError } from '../errors.ts';
import { isError } from '../is-error.ts';
import type { Router } from '../router.ts';
import type { Logger } from '../router-options.ts';

/** The server's logger: JSON lines, written before the call returns so that the last words of a process are not lost. */
export function createLogger(destination: DestinationStream = pino.destination({ dest: 2, sync: true })): Logger {
  const secrets = ['authorization', 'apiKey', 'adminKey', 'headers.authorization'];
  return pino(
    {
      base: null,
      redact: [...secrets, ...secrets.map((path) => `*.${path}`)],
      serializers: { error: errorFigures, err: errorFigures },
    },
    destination,
  );
}

/** Our own failures in words; of a foreign error its kind and place only, since its message may quote a prompt or a key. */
function errorFigures(error: unknown): object {
  if (!isError(error)) return { type: typeof error };
  const { name, message, stack = '', code } = error as Error & { readonly code?: unknown };
  const isOurs = error instanceof LLMRouterError && error.status >= 500;
  const frames = stack.split('\n').filter((line) => /^ +at /.test(line));
  return {
    name,
    ...(typeof code === 'string' && { code }),
    ...(isOurs ? { message } : { at: frames.map((line) => line.trim()) }),
  };
}

/** What the log tells of a request beyond its status. */
export interface RequestNote {
  /** The router's id; the server's own where the router saw nothing of it. */
  readonly requestId?: string | undefined;
  readonly model?: string | undefined;
  /** The error's code. */
  readonly code?: string | undefined;
}

const notes = new WeakMap<FastifyRequest, RequestNote>();

export function note(request: FastifyRequest, facts: RequestNote): void {
  notes.set(request, { ...notes.get(request), ...facts });
}

/** Paths that are asked every few seconds by machines. */
const PROBES: readonly (string | undefined)[] = ['/livez', '/readyz'];

/** One line for each request when it is over; no URL, no header, no body. */
export function logRequest(
  logger: Logger,
  request: FastifyRequest,
  reply: FastifyReply,
  clientId: string | null,
): void {
  const startedAt = systemClock.now();
  reply.raw.once('close', () => {
    const isWhole = reply.raw.writableFinished;
    const status = isWhole ? reply.statusCode : 499;
    const { requestId = request.id, model, code } = notes.get(request) ?? {};
    const route = request.routeOptions.url;
    const level = PROBES.includes(route) ? 'debug' : status >= 500 ? 'warn' : 'info';
    logger[level](
      {
        request_id: requestId,
        ...(clientId !== null && { client_request_id: clientId }),
        method: request.method,
        ...(route !== undefined && { route }),
        status,
        ms: Math.round(systemClock.now() - startedAt),
        ...(model !== undefined && { model }),
        ...(code !== undefined ? { code } : !isWhole && { code: 'client_closed' }),
      },
      isWhole ? 'request' : 'the client has hung up',
    );
  });
}

/** One line for each change of a breaker: what caused it, after how many failures, and when it will try again. */
export function logBreakers(logger: Logger, router: Router): () => void {
  const onChange = (change: BreakerChanged): void => {
    const { model, from, to, cause, opens, openForMs, requestId, status, code } = change;
    const failures = failuresBehind(change, router);
    const recoveryMs = openForMs === null ? undefined : Math.round(openForMs);
    const figures = {
      model,
      from,
      to,
      cause,
      opens,
      ...(failures !== undefined && { failures }),
      ...(recoveryMs !== undefined && { recovery_ms: recoveryMs }),
      ...(requestId !== undefined && { request_id: requestId }),
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
    };
    const count = failures === undefined ? '' : ` × ${failures}`;
    const recovery = recoveryMs === undefined ? '' : `, tries again in ${recoveryMs} ms`;
    logger[to === 'open' ? 'warn' : 'info'](
      figures,
      `breaker of ${model}: ${from} → ${to} (${cause}${count}${recovery})`,
    );
  };
  router.on('breaker.changed', onChange);
  return () => router.off('breaker.changed', onChange);
}

/** A closed breaker opens at its threshold, a half-open one at the first failure. */
function failuresBehind({ model, cause }: BreakerChanged, router: Router): number | undefined {
  if (cause === 'probe_failed') return 1;
  if (cause !== 'failures') return undefined;
  const { models, leaving } = router.actor.getSnapshot().context;
  return (models[model] ?? leaving[model])?.getSnapshot().context.breaker.options?.failureThreshold;
}
