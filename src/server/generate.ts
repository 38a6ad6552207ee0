import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { StreamChunk } from '../answer.ts';
import type { LLMRouter } from '../router.ts';
import type { Trace } from '../routing/trace.ts';
import { answerBody, roundMs } from './answer-body.ts';
import { type ErrorAnswer, errorAnswer } from './errors.ts';
import { readGenerateBody } from './generate-body.ts';
import { note } from './log.ts';
import { eventsOf } from './sse.ts';
import { type Place, Whereabouts } from './whereabouts.ts';

/** `POST /generate`: one answer, or with `stream: true` its events. */
export function addGenerate(app: FastifyInstance, router: LLMRouter): void {
  const whereabouts = new Whereabouts(router);
  app.post('/generate', async (request, reply) => {
    const { prompt, stream, options } = readGenerateBody(request.body);
    const signal = hangUpOf(reply);
    if (!stream) {
      const answer = await router.generate(prompt, { ...options, signal });
      tellPlace(request, reply, { requestId: answer.requestId, model: answer.modelUsed, queueMs: answer.queueMs });
      return answerBody(answer);
    }
    const { value: chunks, place, release } = whereabouts.follow(() => router.stream(prompt, { ...options, signal }));
    let first: IteratorResult<StreamChunk>;
    try {
      first = await chunks.next();
    } finally {
      release();
    }
    tellPlace(request, reply, place);
    // A proxy that gathers events before it passes them on would undo the streaming.
    reply.header('content-type', 'text/event-stream').header('x-accel-buffering', 'no');
    const onError = (error: unknown): void => note(request, { code: codeOf(error) });
    return reply.send(Readable.from(eventsOf(first, chunks, onError)));
  });
}

/** Aborts when the connection goes before the answer is whole. */
function hangUpOf({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort(new DOMException('the client has hung up', 'AbortError'));
  });
  return controller.signal;
}

/** Headers and log alike say which request of the router this was and where it went. */
function tellPlace(request: FastifyRequest, reply: FastifyReply, { requestId, model, queueMs }: Place): void {
  note(request, { requestId, model });
  if (requestId !== undefined && clientRequestId(request) === null) reply.header('x-request-id', requestId);
  if (model !== undefined) reply.header('x-llm-router-model', model);
  if (queueMs !== undefined) reply.header('x-llm-router-queue-ms', String(roundMs(queueMs)));
}

/** Answers with an error: its status, its body, and whatever headers it knows. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body, retryAfterSeconds, requestId, trace }: ErrorAnswer = errorAnswer(error);
  note(request, { code: body.error.code });
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

const codeOf = (error: unknown): string => errorAnswer(error).body.error.code;

const PRINTABLE = /^[\x20-\x7e]{1,200}$/;

/** The id a client has given its request, when it can be a header again. */
export function clientRequestId({ headers }: Pick<FastifyRequest, 'headers'>): string | null {
  const id = headers['x-request-id'];
  return typeof id === 'string' && PRINTABLE.test(id) ? id : null;
}
