import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeaderSource, MAX_HINT_MS, retryAfterMs } from '../../src/retry/retry-after.ts';

/** Sunday, 6 November 1994, 08:49:07 GMT: thirty seconds before the date in RFC 9110. */
const NOW = 784_111_747_000;

const table: readonly (readonly [what: string, headers: HeaderSource, expected: number | undefined])[] = [
  ['no header', {}, undefined],
  ['whole seconds', { 'retry-after': '2' }, 2_000],
  ['zero', { 'retry-after': '0' }, 0],
  ['a fraction of a second', { 'retry-after': '0.25' }, 250],
  ['less than a millisecond, rounded up', { 'retry-after': '0.0001' }, 1],
  ['blanks around the number', { 'retry-after': ' 7 ' }, 7_000],
  ['a plus sign', { 'retry-after': '+3' }, 3_000],
  ['a negative number', { 'retry-after': '-5' }, 0],
  ['a little less than nothing', { 'retry-after': '-0.0001' }, 0],
  ['more than an hour', { 'retry-after': '86400' }, MAX_HINT_MS],
  ['more than a number can hold', { 'retry-after': '9'.repeat(400) }, MAX_HINT_MS],
  ['milliseconds', { 'retry-after-ms': '1500' }, 1_500],
  ['fractional milliseconds, rounded up', { 'retry-after-ms': '1.2' }, 2],
  ['milliseconds before seconds', { 'retry-after-ms': '20', 'retry-after': '9' }, 20],
  ['unreadable milliseconds beside seconds', { 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
  ['a date', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 30_000],
  ['a date of RFC 850', { 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 30_000],
  ['a date of asctime, which is GMT too', { 'retry-after': 'Sun Nov  6 08:49:37 1994' }, 30_000],
  ['a past date', { 'retry-after': 'Sat, 05 Nov 1994 08:49:37 GMT' }, 0],
  ['a date years ahead', { 'retry-after': 'Wed, 06 Nov 2094 08:49:37 GMT' }, MAX_HINT_MS],
  ['a date that does not exist', { 'retry-after': 'Sun, 06 Foo 1994 08:49:37 GMT' }, undefined],
  ['a word', { 'retry-after': 'soon' }, undefined],
  ['an empty value', { 'retry-after': '' }, undefined],
  ['a number with a unit', { 'retry-after': '5s' }, undefined],
  ['an exponent', { 'retry-after': '1e3' }, undefined],
  ['what Date.parse would take for a date', { 'retry-after': '1,5' }, undefined],
  ['infinity', { 'retry-after': 'Infinity' }, undefined],
  ['not a number', { 'retry-after': 'NaN' }, undefined],
  ['capital letters in the name', { 'Retry-After': '4' }, 4_000],
  ['the header twice', { 'retry-after': ['4', '8'] }, 4_000],
  ["Azure's milliseconds", { 'x-ms-retry-after-ms': '700', 'retry-after': '1' }, 700],
  ['the headers of the Fetch standard', new Headers({ 'Retry-After': '4' }), 4_000],
];

const spent = { 'x-ratelimit-remaining-requests': '0' };
const spentTokens = { 'x-ratelimit-remaining-tokens': '0' };
const anthropic = (what: string, remaining: string, reset: string): Record<string, string> => ({
  [`anthropic-ratelimit-${what}-remaining`]: remaining,
  [`anthropic-ratelimit-${what}-reset`]: reset,
});
const IN_30_S = '1994-11-06T08:49:37Z';

const quotas: readonly (readonly [what: string, headers: HeaderSource, expected: number | undefined])[] = [
  ['seconds', { ...spent, 'x-ratelimit-reset-requests': '1s' }, 1_000],
  ['minutes and seconds', { ...spent, 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
  ['milliseconds', { ...spent, 'x-ratelimit-reset-requests': '120ms' }, 120],
  ['hours, beyond the limit', { ...spent, 'x-ratelimit-reset-requests': '17h24m3.5s' }, MAX_HINT_MS],
  ['fractions, rounded up', { ...spent, 'x-ratelimit-reset-requests': '2m59.5601s' }, 179_561],
  ['microseconds and nanoseconds', { ...spent, 'x-ratelimit-reset-requests': '1ms500µs500000ns' }, 2],
  ["Azure's bare seconds", { ...spentTokens, 'x-ratelimit-reset-tokens': '44' }, 44_000],
  ['nothing from a limit that is not spent', { ...limit('1'), 'x-ratelimit-reset-requests': '9s' }, undefined],
  ['nothing from a limit that is not kept', { ...limit('-1'), 'x-ratelimit-reset-requests': '9s' }, undefined],
  ['nothing from a rest that is no number', { ...limit('none'), 'x-ratelimit-reset-requests': '9s' }, undefined],
  ['nothing without a rest', { 'x-ratelimit-reset-requests': '9s' }, undefined],
  ['nothing without a reset', spent, undefined],
  ['nothing from a duration that is none', { ...spent, 'x-ratelimit-reset-requests': '1 minute' }, undefined],
  ['nothing from a unit without a count', { ...spent, 'x-ratelimit-reset-requests': 's' }, undefined],
  ['nothing from a negative duration', { ...spent, 'x-ratelimit-reset-requests': '-1s' }, undefined],
  [
    'only the one that is spent',
    {
      ...spentTokens,
      'x-ratelimit-reset-tokens': '2s',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '8m',
    },
    2_000,
  ],
  [
    'the latest of several that are spent',
    { ...spent, ...spentTokens, 'x-ratelimit-reset-tokens': '2s', 'x-ratelimit-reset-requests': '8s' },
    8_000,
  ],
  ['a date of RFC 3339', anthropic('requests', '0', IN_30_S), 30_000],
  ['one with an offset', anthropic('tokens', '0', '1994-11-06T10:49:37+02:00'), 30_000],
  ['one with a fraction, in lower case', anthropic('tokens', '0', '1994-11-06t08:49:07.5z'), 500],
  ['one that is past', anthropic('input-tokens', '0', '1994-11-06T08:49:00Z'), 0],
  ['none of another form', anthropic('requests', '0', 'Sun, 06 Nov 1994 08:49:37 GMT'), undefined],
  ['none that does not exist', anthropic('requests', '0', '1994-13-06T08:49:37Z'), undefined],
  ['none of a limit that is not spent', anthropic('requests', '1', IN_30_S), undefined],
  [
    'the latest of those that are spent',
    {
      ...anthropic('requests', '40', '1994-11-06T09:49:37Z'),
      ...anthropic('input-tokens', '0', '1994-11-06T08:49:17Z'),
      ...anthropic('output-tokens', '0', IN_30_S),
    },
    30_000,
  ],
  ['the headers of the Fetch standard', new Headers(anthropic('requests', '0', IN_30_S)), 30_000],
  ['retry-after before any of them', { ...anthropic('requests', '0', IN_30_S), 'retry-after': '3' }, 3_000],
  ['milliseconds before any of them', { ...spent, 'x-ratelimit-reset-requests': '9s', 'retry-after-ms': '20' }, 20],
  [
    'a limit where retry-after cannot be read',
    { ...anthropic('requests', '0', IN_30_S), 'retry-after': 'soon' },
    30_000,
  ],
];

function limit(remaining: string): Record<string, string> {
  return { 'x-ratelimit-remaining-requests': remaining };
}

describe('the reset of a limit that is spent', () => {
  it.each(quotas)('is read: %s', (_what, headers, expected) => {
    expect(retryAfterMs(headers, NOW)).toBe(expected);
  });

  it('is a whole number of milliseconds within the limit, or nothing, whatever the headers say', () => {
    const value = fc.oneof(
      fc.string(),
      fc.stringMatching(/^(\d{1,4}(\.\d)?(h|m|s|ms|us|ns)){1,4}$/),
      fc.constant(IN_30_S),
    );
    fc.assert(
      fc.property(value, value, (requests, tokens) => {
        const headers = { ...spent, 'x-ratelimit-reset-requests': requests, ...anthropic('tokens', '0', tokens) };
        const ms = retryAfterMs(headers, NOW);
        if (ms === undefined) return;
        expect(Number.isInteger(ms)).toBe(true);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(MAX_HINT_MS);
      }),
    );
  });
});

describe('the time that a provider asks to be left alone', () => {
  it.each(table)('reads %s', (_what, headers, expected) => {
    expect(retryAfterMs(headers, NOW)).toBe(expected);
  });

  it('is a whole number of milliseconds within the limit, or nothing, whatever the header says', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.double().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (value) => {
          const ms = retryAfterMs({ 'retry-after': value }, NOW);
          if (ms === undefined) return;
          expect(Number.isInteger(ms)).toBe(true);
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(MAX_HINT_MS);
        },
      ),
    );
  });
});
