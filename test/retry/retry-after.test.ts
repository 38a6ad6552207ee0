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
  ['the headers of the Fetch standard', new Headers({ 'Retry-After': '4' }), 4_000],
];

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
