import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { socketError } from '../../src/backends/provider-error.ts';

const asItIs = (text: string): string => text;

it.each([
  ['an error', 'Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })'],
  [
    'the first error of several addresses',
    'new AggregateError([Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })], "")',
  ],
])('keeps code and text of %s that Node made outside of a vm context', (_, made) => {
  const error = socketError(runInNewContext(made), 'ollama', asItIs);
  expect(error).toMatchObject({ code: 'ECONNREFUSED', cause: { message: 'connect ECONNREFUSED' } });
});
