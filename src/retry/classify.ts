import type { Outcome } from '../breaker/outcome.ts';

/** What a failure is judged by. */
export interface FailureFigures {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
}

/** Whose fault a failure was, and what may come of it. */
export interface Blame {
  readonly outcome: Exclude<Outcome, 'success' | 'cancelled'>;
  /** The same model may do better with the same request in a while. */
  readonly retryable: boolean;
  /** Another model may do better with it: when it was too long, one that takes more. */
  readonly failoverable: boolean;
}

/** The provider refused the request for what it is; another try would meet the same word. */
const CALLERS_STATUS: readonly number[] = [400, 413, 422];
/** OpenAI's and llama.cpp's. */
const TOO_LONG: readonly string[] = ['context_length_exceeded', 'exceed_context_size_error'];
const CALLERS_CODE: readonly string[] = ['content_filter'];

/** Whether the request was refused as longer than the model takes: one that takes more may serve it. */
export const isTooLong = ({ code }: { readonly code?: string | undefined }): boolean =>
  code !== undefined && TOO_LONG.includes(code);

/** Below 500: it may be over in a moment (request timeout, conflict, too early). */
const PASSING_STATUS: readonly number[] = [408, 409, 425];
/** It will be no better in a moment: the provider does not know how. */
const NOT_IMPLEMENTED = 501;
/** Which limit of its model's a call has outlived; `provider_silent`: all its model's calls were. */
export const SILENCE_CODES = [
  'attempt_timeout',
  'first_token_timeout',
  'idle_timeout',
  'probe_timeout',
  'too_slow',
  'provider_silent',
] as const;

export type SilenceCode = (typeof SILENCE_CODES)[number];

/** It was given its time and was silent: it is left, not asked to take that time again. */
const SILENT_CODE: readonly string[] = [
  ...SILENCE_CODES,
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
];

const IGNORED: Blame = { outcome: 'ignored', retryable: false, failoverable: false };
const TOO_LARGE: Blame = { outcome: 'ignored', retryable: false, failoverable: true };
const RATE_LIMITED: Blame = { outcome: 'rate_limited', retryable: false, failoverable: true };
const LASTING: Blame = { outcome: 'failure', retryable: false, failoverable: true };
const PASSING: Blame = { outcome: 'failure', retryable: true, failoverable: true };

/** Whose fault a failure was, by its status and code alone: a message is for people and may say anything. */
export function blame({ status, code }: FailureFigures): Blame {
  if (status === 429) return RATE_LIMITED;
  if (isTooLong({ code })) return TOO_LARGE;
  if (status !== undefined && CALLERS_STATUS.includes(status)) return IGNORED;
  if (code !== undefined && CALLERS_CODE.includes(code)) return IGNORED;
  return isPassing({ status, code }) ? PASSING : LASTING;
}

function isPassing({ status, code }: FailureFigures): boolean {
  if (code !== undefined && SILENT_CODE.includes(code)) return false;
  // A broken connection, or a 200 that is no answer.
  if (status === undefined || (status >= 200 && status < 300)) return true;
  return status >= 500 ? status !== NOT_IMPLEMENTED : PASSING_STATUS.includes(status);
}

/** The figures of whatever was thrown, which may be anything, also what throws when it is looked at. */
export function figuresOf(error: unknown): FailureFigures & { readonly retryAfterMs?: number } {
  if (typeof error !== 'object' || error === null) return {};
  try {
    const { status, code, retryAfterMs } = error as Record<string, unknown>;
    return {
      ...(typeof status === 'number' && Number.isInteger(status) && { status }),
      ...(typeof code === 'string' && { code }),
      ...(typeof retryAfterMs === 'number' && retryAfterMs >= 0 && { retryAfterMs }),
    };
  } catch {
    return {};
  }
}
