import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { StreamChunk } from '../answer.ts';
import type { Router } from '../router.ts';
import { answerBody } from './answer-body.ts';
import { errorAnswer } from './errors.ts';
import { readGenerateBody } from './generate-body.ts';
import { note } from './log.ts';
import { tellPlace } from './reply.ts';
import { eventsOf } from './sse.ts';
import { Whereabouts } from './whereabouts.ts';

/** `POST /generate`: one answer, or with `stream: true` its events. */
export function addGenerate(app: FastifyInstance, router: Router): void {
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
    const onError = (error: unknown): void => note(request, { code: errorAnswer(error).body.error.code });
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
