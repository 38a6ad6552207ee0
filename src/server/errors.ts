import { type CandidateReason, LLMRouterError } from '../errors.ts';
import type { Trace } from '../routing/trace.ts';

/** What the server itself refuses, before a request reaches the router. */
export type ServerErrorCode =
  | 'request_invalid'
  | 'unauthorized'
  | 'origin_not_allowed'
  | 'control_not_allowed'
  | 'not_found'
  | 'request_timeout'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'host_not_allowed'
  | 'too_many_tries'
  | 'headers_too_large'
  | 'internal_error'
  | 'viewer_refused'
  | 'page_not_built';

const STATUSES: Readonly<Record<ServerErrorCode, number>> = {
  request_invalid: 400,
  unauthorized: 401,
  origin_not_allowed: 403,
  control_not_allowed: 403,
  not_found: 404,
  request_timeout: 408,
  payload_too_large: 413,
  unsupported_media_type: 415,
  host_not_allowed: 421,
  too_many_tries: 429,
  headers_too_large: 431,
  internal_error: 500,
  viewer_refused: 503,
  page_not_built: 503,
};

export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: ServerErrorCode;
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(code: ServerErrorCode, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.status = STATUSES[code];
    this.retryAfterMs = retryAfterMs;
  }
}

/** The body of every answer that is not a success. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly retry_after_ms?: number;
    readonly candidates?: readonly {
      readonly model: string;
      readonly reason: string;
      readonly retry_after_ms?: number;
    }[];
  };
}

/** An error as HTTP tells it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  /** For `Retry-After`, in whole seconds. */
  readonly retryAfterSeconds?: number;
  readonly requestId?: string;
  readonly trace?: Trace;
}

/** Never tells what a foreign error says: its message may quote a prompt or a key. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof LLMRouterError) return routerErrorAnswer(error);
  const { code, message, status, retryAfterMs } = error instanceof ServerError ? error : frameworkError(error);
  return { status, body: { error: { code, message, ...inBody(retryAfterMs) } }, ...inHeader(retryAfterMs) };
}

/** Whether an error is a fault of the server's own, which nobody expects. */
export const isInternal = (error: unknown): boolean => errorAnswer(error).body.error.code === 'internal_error';

function routerErrorAnswer(error: LLMRouterError): ErrorAnswer {
  const { code, message, status, retryAfterMs, candidates, requestId, trace } = error;
  return {
    status,
    body: {
      error: {
        code,
        message,
        ...inBody(retryAfterMs),
        ...(candidates !== undefined && { candidates: candidates.map(candidateBody) }),
      },
    },
    ...inHeader(retryAfterMs),
    ...(requestId !== undefined && { requestId }),
    ...(trace !== undefined && { trace }),
  };
}

const candidateBody = ({ model, reason, retryAfterMs }: CandidateReason) => ({
  model,
  reason,
  ...inBody(retryAfterMs),
});

const inBody = (ms: number | undefined) => (ms === undefined ? {} : { retry_after_ms: Math.ceil(ms) });
const inHeader = (ms: number | undefined) => (ms === undefined ? {} : { retryAfterSeconds: Math.ceil(ms / 1_000) });

function frameworkError(error: unknown): ServerError {
  const { code, statusCode } = (error ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown };
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ServerError('payload_too_large', 'body: given more bytes than the limit of this server');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ServerError('unsupported_media_type', 'Content-Type: accepted: application/json');
    case 'FST_ERR_BAD_URL':
      return new ServerError('request_invalid', 'path: given one that cannot be decoded');
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ServerError('request_invalid', 'the request could not be read');
  }
  return new ServerError('internal_error', 'the server has failed; its log says where');
}

/** What Node's parser refuses before there is a request, as a raw HTTP answer. */
export function rawErrorAnswer(code: string | undefined): string {
  const { status, body } = errorAnswer(clientError(code));
  const json = JSON.stringify(body);
  return [
    `HTTP/1.1 ${status} ${body.error.code}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(json)}`,
    'connection: close',
    '',
    json,
  ].join('\r\n');
}

function clientError(code: string | undefined): ServerError {
  if (code === 'HPE_HEADER_OVERFLOW') return new ServerError('headers_too_large', 'headers: given more than 16 KiB');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new ServerError('request_timeout', 'the request did not arrive in time');
  return new ServerError('request_invalid', 'the request is no HTTP/1.1');
}
