import { types } from 'node:util';

/**
 * Whether it is an error, of whatever realm: in a vm context, as tests under jest are, those that Node itself makes are
 * no instances of the `Error` there.
 */
export const isError = (value: unknown): value is Error =>
  value instanceof Error || types.isNativeError(value) || value instanceof DOMException;
