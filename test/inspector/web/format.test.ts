import { expect, it } from 'vitest';
import {
  ago,
  clockTime,
  count,
  counted,
  duration,
  ordinal,
  remaining,
  share,
  words,
} from '../../../src/inspector/web/format.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

it('tells a duration as finely as its size makes sense', () => {
  expect([null, -5, 0, 0.4, 12.4, 999, 1_840, 41_200, 200_000, 120_000, 7_500_000].map(duration)).toEqual([
    '–',
    '0 ms',
    '0 ms',
    '< 1 ms',
    '12 ms',
    '999 ms',
    '1.8 s',
    '41 s',
    '3 min 20 s',
    '2 min',
    '2 h 5 min',
  ]);
});

it('tells no duration in a unit that it is rounded out of', () => {
  expect([0.96, 999.4, 999.6, 9_949, 9_950, 9_996, 59_600, 3_599_600].map(duration)).toEqual([
    '< 1 ms',
    '999 ms',
    '1.0 s',
    '9.9 s',
    '10 s',
    '10 s',
    '1 min',
    '1 h 0 min',
  ]);
});

it('tells a share with one decimal, but for nothing and all', () => {
  expect([share(0, 0), share(0, 7), share(7, 7), share(992, 1_000)]).toEqual(['–', '0 %', '100 %', '99.2 %']);
});

it('says of a share neither that it is all nor that it is nothing when it is nearly so', () => {
  expect([share(9_999, 10_000), share(1, 10_000), share(9_994, 10_000), share(6, 10_000)]).toEqual([
    '99.9 %',
    '0.1 %',
    '99.9 %',
    '0.1 %',
  ]);
});

it('groups the digits of a count', () => {
  expect([count(7), count(1_204)]).toEqual(['7', '1,204']);
});

it('counts one thing in the singular', () => {
  expect([0, 1, 2_000].map((value) => counted(value, 'request'))).toEqual([
    '0 requests',
    '1 request',
    '2,000 requests',
  ]);
  expect([1, 2].map((value) => counted(value, 'success', 'successes'))).toEqual(['1 success', '2 successes']);
});

it('gives an ordinal its English ending', () => {
  expect([1, 2, 3, 4, 11, 12, 13, 20, 21, 102, 111].map(ordinal)).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '12th',
    '13th',
    '20th',
    '21st',
    '102nd',
    '111th',
  ]);
});

it('tells how long ago something was, and never in the future', () => {
  expect([-300, 0, 999, SECOND, 19_900, MINUTE, 238 * SECOND, 25 * MINUTE + SECOND, 125 * MINUTE].map(ago)).toEqual([
    'just now',
    'just now',
    'just now',
    '1 s ago',
    '19 s ago',
    '1 min ago',
    '3 min 58 s ago',
    '25 min ago',
    '2 h 5 min ago',
  ]);
});

it('counts down in whole seconds, and says 0 only when it is over', () => {
  expect([-1, 0, 1, 40_001, 41_000, 59_001, 61_000].map(remaining)).toEqual([
    '0 s',
    '0 s',
    '1 s',
    '41 s',
    '41 s',
    '1 min',
    '1 min 1 s',
  ]);
});

it('tells a time of day to the millisecond', () => {
  expect(clockTime(new Date(2026, 0, 2, 3, 4, 5, 67).getTime())).toBe('03:04:05.067');
});

it('writes codes as words', () => {
  expect(['half_open', 'forced_open', 'queue_full'].map(words)).toEqual(['half-open', 'forced open', 'queue full']);
});
