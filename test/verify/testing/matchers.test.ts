import { describe, expect, it } from 'vitest';
import { BackendError } from '../../../src/errors.ts';
import { type PolicyMatchers, policyMatchers } from '../../../src/verify/testing/matchers.ts';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: it must be declared as vitest declares it
  interface Matchers<T = any> extends PolicyMatchers<T> {}
}

expect.extend(policyMatchers);

/** What one request met at a model that does as it is told. */
async function outcomeOf(end: 'succeed' | 'fail'): Promise<{ promise: Promise<unknown> }> {
  const { router, backends } = createRig({ local: {} });
  const promise = router.generate('a secret prompt');
  promise.catch(() => {});
  await settled();
  if (end === 'succeed') backends.local.last.succeed({ content: 'a secret answer' });
  else backends.local.last.fail(new BackendError('down', { status: 503 }));
  await settled();
  return { promise };
}

/** The message of a matcher that does not hold. */
async function messageOf(assertion: () => unknown): Promise<string> {
  try {
    await assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the matcher held');
}

describe('toBeServedBy', () => {
  it('holds of the model that answered, and with not of every other one', async () => {
    const { promise } = await outcomeOf('succeed');

    await expect(promise).resolves.toBeServedBy('local');
    await expect(promise).resolves.not.toBeServedBy('cloud');
    expect(await promise).toBeServedBy('local');
  });

  it('prints who served instead, and the trace', async () => {
    const answer = await (await outcomeOf('succeed')).promise;
    const trace = 'request req-1: class normal, no rule, 0 ms\n  1. local: served; call: success after 0 ms';

    expect(await messageOf(() => expect(answer).toBeServedBy('cloud'))).toBe(
      `expected the request to be served by 'cloud', but it was served by 'local'\n${trace}`,
    );
    expect(await messageOf(() => expect(answer).not.toBeServedBy('local'))).toBe(
      `expected the request not to be served by 'local', but it was served by 'local'\n${trace}`,
    );
  });

  it('takes no promise, not even with not', async () => {
    const { promise } = await outcomeOf('succeed');
    const text = 'expected an answer, an error with a trace, or a trace; given a promise; await it first';

    expect(await messageOf(() => expect(promise).toBeServedBy('local'))).toBe(text);
    expect(await messageOf(() => expect(promise).not.toBeServedBy('cloud'))).toBe(text);
  });
});

describe('toHaveBreaker', () => {
  const rigWithFailure = async () => {
    const rig = createRig({ local: { breaker: { failureThreshold: 2 } }, cloud: {} });
    await rig.fail('local', 1);
    return rig;
  };

  it('holds of the state that the breaker is in now', async () => {
    const rig = await rigWithFailure();

    expect(rig.router).toHaveBreaker('local', 'closed');
    await rig.fail('local', 1);
    expect(rig.router).toHaveBreaker('local', 'open');
    expect(rig.router).not.toHaveBreaker('local', 'closed');
  });

  it('says what state it is in, and how many failures it counts', async () => {
    const { router } = await rigWithFailure();

    expect(await messageOf(() => expect(router).toHaveBreaker('local', 'open'))).toBe(
      "expected the breaker of 'local' to be open, but it is closed (failures counted: 1)",
    );
    router.forceOpen('cloud');
    expect(await messageOf(() => expect(router).not.toHaveBreaker('cloud', 'forced_open'))).toBe(
      "expected the breaker of 'cloud' not to be forced_open, but it is forced_open",
    );
  });

  it('judges no state that there is not, not even with not', async () => {
    const { router } = await rigWithFailure();

    expect(await messageOf(() => expect(router).not.toHaveBreaker('local', 'half-open' as 'half_open'))).toBe(
      "toHaveBreaker(): given 'half-open'; accepted: closed, open, half_open, forced_open, forced_closed",
    );
  });

  it('judges no model that does not exist and nothing that is no router, not even with not', async () => {
    const { router } = await rigWithFailure();
    const unknown = "expected a model of the router; given 'remote', but its models are local, cloud";

    expect(await messageOf(() => expect(router).toHaveBreaker('remote', 'open'))).toBe(unknown);
    expect(await messageOf(() => expect(router).not.toHaveBreaker('remote', 'open'))).toBe(unknown);
    expect(await messageOf(() => expect(router).not.toHaveBreaker('toString', 'open'))).toContain("'toString'");
    expect(await messageOf(() => expect(null).not.toHaveBreaker('local', 'open'))).toBe(
      'expected a router; given null',
    );
  });
});

describe('toFailWith', () => {
  it('holds of the code of the error', async () => {
    const { promise } = await outcomeOf('fail');

    await expect(promise).rejects.toFailWith('provider_failed');
    await expect(promise).rejects.not.toFailWith('queue_full');
  });

  it('prints the code that it had, and the trace, but nothing of the prompt', async () => {
    const { promise } = await outcomeOf('fail');

    const message = await messageOf(() => expect(promise).rejects.toFailWith('queue_full'));

    expect(message).toMatch(/^expected the request to fail with queue_full, but it failed with provider_failed: /);
    expect(message).toMatch(/\n {2}1\. local: failed; call: failure 503 after 0 ms$/);
    expect(message).not.toContain('secret');
  });

  it('judges no code that there is not, not even with not', async () => {
    const { promise } = await outcomeOf('fail');

    const message = await messageOf(() => expect(promise).rejects.not.toFailWith('queue_ful' as 'queue_full'));

    expect(message).toContain("toFailWith(): given 'queue_ful'; accepted: configuration_invalid, ");
  });

  it('judges no error of somebody else, not even with not', async () => {
    const failed = Promise.reject(new Error('boom'));

    expect(await messageOf(() => expect(failed).rejects.not.toFailWith('queue_full'))).toBe(
      "expected an error of the router; given the Error 'boom'",
    );
  });
});
