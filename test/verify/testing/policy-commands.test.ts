import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RouterConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import type { BreakerSettings } from '../../../src/model-options.ts';
import { type PolicyCommand, policyCommands } from '../../../src/verify/testing/policy-commands.ts';
import type { CreateRouter } from '../../../src/verify/testing/policy-driver.ts';
import { PolicyMismatchError } from '../../../src/verify/testing/policy-mismatch.ts';
import type { PolicyAlphabet } from '../../../src/verify/testing/policy-specification.ts';

const CONFIG: RouterConfig = {
  models: { local: { provider: 'simulated' }, cloud: { provider: 'simulated' } },
  rules: [{ name: 'any', targets: ['local'], fallback: ['cloud'] }],
};

/** Else fast-check makes short sequences, in which nothing opens. */
const LENGTH = { maxCommands: 40, size: 'max' } as const;

const ALPHABET: PolicyAlphabet = {
  requests: [{ priority: 'high' }, { priority: 'low' }],
  outcomes: ['succeeded', 'failed', 'refused', 'ignored', 'rate_limited'],
  cancels: true,
  operator: ['pause', 'resume', 'breaker.force_open', 'breaker.reset'],
};

/** Opens a breaker one failure too late. */
const patient: CreateRouter = ({ config, clock, backendOf }) => {
  const models = Object.fromEntries(
    Object.entries(config.models).map(([name, model]) => [
      name,
      { ...model, breaker: { ...(model.breaker as BreakerSettings), failureThreshold: 2 } },
    ]),
  );
  return LLMRouter.fromConfig({ ...config, models }, { clock, backendOf, seed: 1 });
};

describe('the commands of a policy', () => {
  it('hold of a router that keeps to it, with others between them', async () => {
    const { commands, run } = policyCommands(fc, CONFIG, { alphabet: ALPHABET });
    const states = new Set<string>();
    const look: PolicyCommand = {
      check: () => true,
      async run(_, { router }) {
        states.add(router.getModelStatus()['local']!.circuitBreaker.state);
      },
      toString: () => 'look',
    };

    await fc.assert(
      fc.asyncProperty(fc.commands([...commands, ...Array.from({ length: 5 }, () => fc.constant(look))], LENGTH), run),
      {
        numRuns: 20,
        seed: 1,
      },
    );

    expect([...states]).toEqual(expect.arrayContaining(['closed', 'open']));
  });

  it('find a router that does something else, and say after which steps', async () => {
    const { commands, run } = policyCommands(fc, CONFIG, { createRouter: patient });

    const { failed, counterexample, errorInstance } = await fc.check(
      fc.asyncProperty(fc.commands(commands, LENGTH), run),
      { seed: 1 },
    );

    expect(failed).toBe(true);
    expect(errorInstance).toBeInstanceOf(PolicyMismatchError);
    expect(`${counterexample![0]}`).toMatch(/^a \w+ request comes,local answers \d+ \(r1\)/);
    expect((errorInstance as Error).message).toContain('models.local.breaker: open');
  });

  it('stop the router, also after a fault', async () => {
    const made: LLMRouter[] = [];
    const createRouter: CreateRouter = ({ config, clock, backendOf }) => {
      made.push(LLMRouter.fromConfig(config, { clock, backendOf, seed: 1 }));
      return made.at(-1)!;
    };
    const { run } = policyCommands(fc, CONFIG, { createRouter });
    const faulty: PolicyCommand = {
      check: () => true,
      async run() {
        throw new Error('mine');
      },
      toString: () => 'faulty',
    };

    await run([]);
    await expect(run([faulty])).rejects.toThrow('mine');

    expect(made.map(({ isStopped }) => isStopped)).toEqual([true, true]);
  });
});
