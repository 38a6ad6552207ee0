import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Trace } from '../routing/trace.ts';
import { roundMs } from './answer-body.ts';
import { errorAnswer } from './errors.ts';
import { note } from './log.ts';
import type { Place } from './whereabouts.ts';

const PRINTABLE = /^[\x20-\x7e]{1,200}$/;

/** The id a client has given its request, when it can be a header again. */
export function clientRequestId({ headers }: Pick<FastifyRequest, 'headers'>): string | null {
  const id = headers['x-request-id'];
  return typeof id === 'string' && PRINTABLE.test(id) ? id : null;
}

/** Headers and log alike say which request of the router this was and where it went. */
export function tellPlace(request: FastifyRequest, reply: FastifyReply, { requestId, model, queueMs }: Place): void {
  note(request, { requestId, model });
  if (requestId !== undefined && clientRequestId(request) === null) reply.header('x-request-id', requestId);
  if (model !== undefined) reply.header('x-llm-router-model', model);
  if (queueMs !== undefined) reply.header('x-llm-router-queue-ms', String(roundMs(queueMs)));
}

/** Answers with an error: its status, its body, and whatever headers it knows. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body, retryAfterSeconds, requestId, trace } = errorAnswer(error);
  note(request, { code: body.error.code });
  // What cannot be routed has passed no hook.
  if (!reply.hasHeader('x-request-id')) reply.header('x-request-id', request.id);
  if (requestId !== undefined) tellPlace(request, reply, { requestId, ...placeOf(trace) });
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(status).send(body);
}

/** The model that was called last, and the time spent in queues. */
function placeOf(trace: Trace | undefined): Place {
  if (trace === undefined) return {};
  const model = trace.candidates.findLast(({ attempts }) => attempts.length > 0)?.model;
  const queueMs = trace.candidates.reduce((sum, { waitedMs }) => sum + waitedMs, 0);
  return { queueMs, ...(model !== undefined && { model }) };
}
