import type { RequestDesk, RouterRef, Ticket } from '../machines/request.ts';
import type { Clock } from './clock.ts';
import { unknownModel } from './names.ts';
import { type AcceptedRequest, acceptRequest } from './request.ts';
import type { CacheVerdict } from './routing/cache-verdict.ts';
import { estimateTokens } from './routing/prompt-tokens.ts';
import type { Slip } from './routing/slip.ts';
import type { Submission } from './submission.ts';

export interface DeskPorts {
  readonly actor: RouterRef;
  readonly clock: Clock;
  /** Prefix of request ids. */
  readonly id: string;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** @throws when no request is taken any more */
  readonly assertRunning: () => void;
  /** What the cache has to do with a request; null: there is none. */
  readonly verdictOf: (request: AcceptedRequest) => CacheVerdict | null;
  readonly keep: (slip: Slip, request: AcceptedRequest, submission: Submission) => void;
}

/** Where a router takes requests in: checks them, copies them, numbers them. */
export function createDesk({
  actor,
  clock,
  id,
  timeoutMs,
  maxRetries,
  assertRunning,
  verdictOf,
  keep,
}: DeskPorts): RequestDesk<Submission> {
  let seq = 0;
  return {
    actor,
    now: () => clock.now(),
    number: () => ({ seq: ++seq, id: `${id}-${seq}` }),
    unknownModel,
    read(submission): Ticket {
      assertRunning();
      const wantsVector = submission.wantsVector === true;
      const request = acceptRequest(submission.input, submission.options);
      request.signal?.throwIfAborted();
      // Field by field: rest and spread here cost a fifth of a whole dispatch.
      const {
        priority,
        model,
        fallback,
        metadata,
        strategy,
        whenUnavailable,
        maxRetries: requestedRetries,
        onStreamFailure,
        maxTokens,
        totalTimeoutMs,
      } = request;
      return {
        priority,
        model,
        fallback,
        metadata,
        strategy,
        whenUnavailable,
        maxRetries: requestedRetries,
        defaultMaxRetries: maxRetries,
        onStreamFailure,
        maxTokens,
        promptTokens: () => estimateTokens(request.content),
        timeoutMs: request.timeoutMs,
        totalTimeoutMs,
        defaultTimeoutMs: timeoutMs,
        isStreamed: submission.caller.sink !== null,
        cache: wantsVector ? null : verdictOf(request),
        wantsVector,
        keep: (slip) => keep(slip, request, submission),
      };
    },
  };
}
