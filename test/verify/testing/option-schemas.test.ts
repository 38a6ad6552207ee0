import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { assertPolicy } from '../../../src/verify/check/assert-policy.ts';
import { arbitraryWorkload, runWorkload } from '../../../src/verify/testing/arbitrary-workload.ts';
import { policyCommands } from '../../../src/verify/testing/policy-commands.ts';
import { policyPaths } from '../../../src/verify/testing/policy-paths.ts';
import { ScriptedBackend } from '../../../src/verify/testing/scripted-backend.ts';
import { smallPolicy } from '../../../src/verify/testing/small-policy.ts';
import { testPolicy } from '../../../src/verify/testing/test-policy.ts';
import { CALLS, inOrder } from './policies.ts';

/** As from JavaScript, where nothing is checked beforehand. */
const wrong = (value: unknown): never => value as never;
const CONFIG = inOrder(1);

describe('a mistake of a JavaScript caller is told, with what is accepted', () => {
  it.each<[string, () => unknown, string]>([
    [
      'a coverage that is none',
      () => testPolicy(CONFIG, wrong({ coverage: 'sates' })),
      'testPolicy().coverage: given "sates"; did you mean states? accepted: states, transitions, pairs, none',
    ],
    [
      'a misspelt option',
      () => testPolicy(CONFIG, wrong({ walk: 1 })),
      'testPolicy().walk: no such option; did you mean walks?',
    ],
    [
      'half a walk',
      () => testPolicy(CONFIG, { walks: 0.5 }),
      'testPolicy().walks: given 0.5; accepted: an integer of 0 or more',
    ],
    [
      'less than no path',
      () => testPolicy(CONFIG, { maxPaths: -1 }),
      'testPolicy().maxPaths: given -1; accepted: an integer of 0 or more, or Infinity',
    ],
    [
      'a router in place of what makes one',
      () => testPolicy(CONFIG, wrong({ createRouter: {} })),
      'testPolicy().createRouter: given an object; accepted: a function',
    ],
    [
      'an end that no call has',
      () => testPolicy(CONFIG, { alphabet: wrong({ ...CALLS, outcomes: ['failure'] }) }),
      'testPolicy().alphabet.outcomes.0: given "failure"; accepted: succeeded, failed, refused, ignored, rate_limited',
    ],
    ['no coverage', () => policyPaths(CONFIG, wrong(undefined)), 'policyPaths(): given nothing; accepted: an object'],
    [
      'a coverage of paths that is none',
      () => policyPaths(CONFIG, wrong({ coverage: 'none' })),
      'policyPaths().coverage: given "none"; accepted: states, transitions, pairs',
    ],
    [
      'a misspelt size',
      () => smallPolicy(CONFIG, wrong({ maxConcurency: 1 })),
      'smallPolicy().maxConcurency: no such option; did you mean maxConcurrency?',
    ],
    [
      'no fast-check',
      () => arbitraryWorkload(wrong(undefined)),
      "arbitraryWorkload().fc: given nothing; accepted: fast-check: import fc from 'fast-check'",
    ],
    [
      'options in its place',
      () => arbitraryWorkload(wrong({ maxSteps: 5 })),
      'arbitraryWorkload().fc: given an object; accepted: fast-check',
    ],
    ['misspelt steps', () => arbitraryWorkload(fc, wrong({ steps: 5 })), 'arbitraryWorkload().steps: no such option;'],
    [
      'an arbitrary in place of a workload',
      () => runWorkload(CONFIG, wrong(arbitraryWorkload(fc))),
      'runWorkload().workload: given an object; accepted: a workload',
    ],
    [
      'a check that cannot be called',
      () => runWorkload(CONFIG, [], wrong({ check: true })),
      'runWorkload().check: given true; accepted: a function',
    ],
    [
      'no fast-check for commands',
      () => policyCommands(wrong(CONFIG), wrong({})),
      'policyCommands().fc: given an object; accepted: fast-check',
    ],
    [
      'a misspelt option of commands',
      () => policyCommands(fc, CONFIG, wrong({ maxMS: 1 })),
      'policyCommands().maxMS: no such option; did you mean maxMs?',
    ],
    [
      'a misspelt abort',
      () => new ScriptedBackend(wrong({ heedAbort: true })),
      'new ScriptedBackend().heedAbort: no such option; did you mean heedsAbort?',
    ],
    [
      'no property',
      () => assertPolicy(CONFIG, wrong(undefined)),
      'assertPolicy().property: given nothing; accepted: a function of a state and a decision',
    ],
  ])('%s', async (_, call, message) => {
    const error: unknown = await (async () => call())().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toContain(message);
  });

  it('but what the documents name is accepted', async () => {
    const options = {
      walks: 0,
      maxPaths: Number.POSITIVE_INFINITY,
      maxStates: 3,
      coverage: 'states',
      small: undefined,
    } as const;

    await expect(testPolicy(CONFIG, { ...options, alphabet: { ...CALLS, maxPending: 1 } })).resolves.toMatchObject({
      states: 3,
    });
  });
});
