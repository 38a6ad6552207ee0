import { expect } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import type { ChatRequest, GenerateOptions } from '../../src/generate-options.ts';
import { acceptRequest } from '../../src/request.ts';

/** What a wrong request is refused with. */
export function refused(input: unknown, options?: unknown): InvalidRequestError {
  try {
    acceptRequest(input as ChatRequest, options as GenerateOptions);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRequestError);
    return error as InvalidRequestError;
  }
  throw new Error('the request was accepted');
}
