import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { isError } from '../src/is-error.ts';

it.each([
  ['an error', new RangeError('x')],
  ['one of another realm', runInNewContext('new Error("x")')],
  ['one of a class of another realm', runInNewContext('new (class Own extends Error {})("x")')],
  ['what an abort is told by', new DOMException('x', 'AbortError')],
])('takes %s for an error', (_, value) => {
  expect(isError(value)).toBe(true);
});

it.each([
  ['what looks like one', { name: 'Error', message: 'x' }],
  ['a text', 'Error: x'],
  ['nothing', undefined],
])('does not take %s for one', (_, value) => {
  expect(isError(value)).toBe(false);
});
