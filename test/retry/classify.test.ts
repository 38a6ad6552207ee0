import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { blame, figuresOf } from '../../src/retry/classify.ts';

describe('whose fault a failure was', () => {
  it.each([
    [{ status: 400 }, 'ignored'],
    [{ status: 413 }, 'ignored'],
    [{ status: 422 }, 'ignored'],
    [{ code: 'content_filter' }, 'ignored'],
    [{ status: 500, code: 'context_length_exceeded' }, 'ignored'],
    [{ status: 400, code: 'exceed_context_size_error' }, 'ignored'],
    [{ status: 429 }, 'rate_limited'],
    [{ status: 429, code: 'content_filter' }, 'rate_limited'],
    [{ status: 401 }, 'failure'],
    [{ status: 402 }, 'failure'],
    [{ status: 403 }, 'failure'],
    [{ status: 404 }, 'failure'],
    [{ status: 500 }, 'failure'],
    [{ status: 503 }, 'failure'],
    [{ code: 'ECONNREFUSED' }, 'failure'],
    [{}, 'failure'],
  ] as const)('%j: %s', (figures, expected) => {
    expect(blame(figures).outcome).toBe(expected);
  });
});

it('reads the figures of whatever was thrown, and no message', () => {
  expect(figuresOf(new BackendError('429 content_filter', { status: 500, code: 'x', retryAfterMs: 5 }))).toEqual({
    status: 500,
    code: 'x',
    retryAfterMs: 5,
  });
  for (const thrown of [null, undefined, 'status: 429', 429, { status: '429', code: 5, retryAfterMs: -1 }]) {
    expect(figuresOf(thrown)).toEqual({});
  }
});

it('blames nobody else for a failure that cannot be looked at', () => {
  const hostile = Object.defineProperty({ status: 400 }, 'code', {
    get() {
      throw new Error('not for you');
    },
  });
  expect(figuresOf(hostile)).toEqual({});
  expect(blame(figuresOf(hostile)).outcome).toBe('failure');
});

it('takes no figure that is none', () => {
  const thrown = { status: 429.5, code: '', retryAfterMs: Number.NaN };
  expect(figuresOf(thrown)).toEqual({ code: '' });
  expect(figuresOf({ retryAfterMs: 0 })).toEqual({ retryAfterMs: 0 });
});

it('blames the provider for every other status', () => {
  const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);
  const others = statuses.filter((status) => blame({ status }).outcome !== 'failure');
  expect(others).toEqual([400, 413, 422, 429]);
});

describe('what may come of a failure', () => {
  const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);

  it('is another call of the same model where it may be passing', () => {
    const retried = statuses.filter((status) => status < 500 && blame({ status }).retryable);
    expect(retried).toEqual([...Array.from({ length: 100 }, (_, index) => 200 + index), 408, 409, 425]);
    expect(statuses.filter((status) => status >= 500 && !blame({ status }).retryable)).toEqual([501]);
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'EAI_AGAIN', undefined]) {
      expect(blame({ code }), code).toEqual({ outcome: 'failure', retryable: true, failoverable: true });
    }
  });

  it.each([
    'attempt_timeout',
    'first_token_timeout',
    'idle_timeout',
    'probe_timeout',
    'too_slow',
    'provider_silent',
    'ETIMEDOUT',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
  ])('is no further call of a model that was silent: %s', (code) => {
    expect(blame({ code })).toEqual({ outcome: 'failure', retryable: false, failoverable: true });
  });

  it('is another model unless the request itself is at fault', () => {
    const refused = statuses.filter((status) => !blame({ status }).failoverable);
    expect(refused).toEqual([400, 413, 422]);
    expect(blame({ status: 400, code: 'content_filter' }).failoverable).toBe(false);
    expect(blame({ status: 400, code: 'context_length_exceeded' })).toEqual({
      outcome: 'ignored',
      retryable: false,
      failoverable: true,
    });
  });
});
