import { type CallbackActorLogic, type EventObject, fromCallback, fromPromise, type PromiseActorLogic } from 'xstate';
import type { Answer, StreamChunk } from './answer.ts';
import { InvalidRequestError } from './errors.ts';
import type { GenerateOptions } from './generate-options.ts';
import { withPrivateInput } from './private-input.ts';
import type { Router } from './router.ts';
import { type RequestInput, submissionOf } from './submission.ts';

/** What a `streamLogic` actor sends its parent. `actorId` is the id that the parent gave it. */
export type StreamLogicEvent =
  | {
      readonly type: 'stream.chunk';
      readonly actorId: string;
      readonly chunk: Exclude<StreamChunk, { readonly type: 'done' }>;
    }
  /** The last one of a stream that is whole. */
  | { readonly type: 'stream.done'; readonly actorId: string; readonly output: Answer }
  /** The last one of a stream that is not; `error` is what `router.stream` throws. */
  | { readonly type: 'stream.failed'; readonly actorId: string; readonly error: unknown };

/**
 * Actor logic that answers one request: for a machine to `invoke`. Its input is the prompt or the messages together with
 * the options of `generate`, its output the `Answer`; an error reaches `onError` as `generate` throws it. Leaving the
 * state calls the request off. The input is in no snapshot, so an actor that is restored in mid-call fails with
 * `request_invalid`.
 *
 * @example
 * setup({ actors: { ask: generateLogic(router) } })
 */
export function generateLogic(router: Pick<Router, 'generate'>): PromiseActorLogic<Answer, RequestInput> {
  return withPrivateInput(
    fromPromise<Answer, RequestInput>(async ({ input: request, signal }) => {
      const { input, options } = read(request);
      return router.generate(input, { ...options, signal: either(signal, options.signal) });
    }),
  );
}

/**
 * Callback logic that streams one answer to its parent, as `StreamLogicEvent`s; its input is that of `generateLogic`.
 * It never errors: a parent that does not handle `stream.failed` hears nothing of a failure. Leaving the state, or
 * stopping the actor, calls the request off.
 */
export function streamLogic(router: Pick<Router, 'stream'>): CallbackActorLogic<EventObject, RequestInput> {
  return withPrivateInput(
    fromCallback<EventObject, RequestInput>(({ input: request, self, sendBack }) => {
      const actorId = self.id;
      const send = sendBack as (event: StreamLogicEvent) => void;
      let stream: AsyncIterableIterator<StreamChunk> | undefined;
      const pump = async (): Promise<void> => {
        try {
          const { input, options } = read(request);
          stream = router.stream(input, options);
          for await (const chunk of stream) {
            if (chunk.type === 'done') send({ type: 'stream.done', actorId, output: chunk.answer });
            else send({ type: 'stream.chunk', actorId, chunk });
          }
        } catch (error) {
          send({ type: 'stream.failed', actorId, error });
        }
      };
      void pump();
      return () => void stream?.return?.();
    }),
  );
}

function read(request: RequestInput | undefined): ReturnType<typeof submissionOf> {
  if (typeof request !== 'object' || request === null) {
    const accepted = '{ prompt } or { messages }, with the options of generate';
    const hint = 'a restored actor has none, because prompts are not persisted: enter the state again';
    throw new InvalidRequestError('input', `input: given ${typeof request}; accepted: ${accepted}; ${hint}`);
  }
  return submissionOf(request);
}

const either = (own: AbortSignal, given: GenerateOptions['signal']): AbortSignal =>
  given === undefined ? own : AbortSignal.any([own, given]);
