import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import type { CreateRouter } from '../../../src/verify/testing/policy-driver.ts';
import { PolicyMismatchError } from '../../../src/verify/testing/policy-mismatch.ts';
import { testPolicy } from '../../../src/verify/testing/test-policy.ts';
import { CALLS, inOrder } from './policies.ts';

/** What comes of a router that is made so. */
const errorOf = (createRouter: CreateRouter): Promise<Error> =>
  testPolicy(inOrder(2), { createRouter, alphabet: CALLS, walks: 0, maxPaths: 1 }).then(
    () => new Error('it keeps to its policy'),
    (error: Error) => error,
  );

const OTHER_MODELS = { models: { c: { provider: 'simulated' } } };
const clockHint = 'Nobody has asked the clock that createRouter was given: it is to hand it on.';
const backendHint = 'Nobody has asked the backendOf that createRouter was given: it is to hand it on.';

describe('what createRouter gives', () => {
  it.each<[string, unknown]>([
    ['a promise', Promise.resolve(new LLMRouter())],
    ['nothing', undefined],
    ['no router', {}],
  ])('is told, and is no mismatch, when it is %s', async (_, made) => {
    const error = await errorOf(() => made as LLMRouter);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toBe(
      `createRouter(): given ${made === undefined ? 'nothing' : 'an object'}; accepted: a router, made at once and not in an async function`,
    );
  });

  it('is a mismatch without the clock that it was to have, which is said', async () => {
    const error = await errorOf(({ config, backendOf }) => LLMRouter.fromConfig(config, { backendOf, seed: 1 }));

    expect(error).toBeInstanceOf(PolicyMismatchError);
    expect(error.message).toContain(clockHint);
    expect(error.message).not.toContain(backendHint);
  });

  it('is a mismatch without the backends that it was to have, which is said', async () => {
    const error = await errorOf(({ config, clock }) => LLMRouter.fromConfig(config, { clock, seed: 1 }));

    expect(error).toBeInstanceOf(PolicyMismatchError);
    expect(error.message).toContain(backendHint);
    expect(error.message).not.toContain(clockHint);
  });

  it('is a mismatch for other reasons when it has both', async () => {
    const error = await errorOf(({ clock, backendOf }) =>
      LLMRouter.fromConfig(OTHER_MODELS, { clock, backendOf: (name) => backendOf(name === 'c' ? 'a' : name), seed: 1 }),
    );

    expect(error).toBeInstanceOf(PolicyMismatchError);
    expect(error.message).not.toContain('createRouter');
  });
});
