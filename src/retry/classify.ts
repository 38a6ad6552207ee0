import type { Outcome } from '../breaker/outcome.ts';

/** What a failure is judged by. */
export interface FailureFigures {
  readonly status?: number;
  readonly code?: string;
  readonly retryAfterMs?: number;
}

/** The provider refused the request for what it is; another try would meet the same word. */
const CALLERS_STATUS: readonly number[] = [400, 413, 422];
/** OpenAI's and llama.cpp's. */
const TOO_LONG: readonly string[] = ['context_length_exceeded', 'exceed_context_size_error'];
const CALLERS_CODE: readonly string[] = ['content_filter', ...TOO_LONG];

/** Whether the request was refused as longer than the model takes: one that takes more may serve it. */
export const isTooLong = ({ code }: { readonly code?: string | undefined }): boolean =>
  code !== undefined && TOO_LONG.includes(code);

/** Whose fault a failure was, by its status and code alone: a message is for people and may say anything. */
export function blame({ status, code }: FailureFigures): Exclude<Outcome, 'success' | 'cancelled'> {
  if (status === 429) return 'rate_limited';
  if (status !== undefined && CALLERS_STATUS.includes(status)) return 'ignored';
  if (code !== undefined && CALLERS_CODE.includes(code)) return 'ignored';
  return 'failure';
}

/** The figures of whatever was thrown, which may be anything, also what throws when it is looked at. */
export function figuresOf(error: unknown): FailureFigures {
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
