import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RouterConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import {
  arbitraryWorkload,
  type RunWorkloadOptions,
  runWorkload,
  type Workload,
} from '../../../src/verify/testing/arbitrary-workload.ts';
import type { CreateRouter } from '../../../src/verify/testing/policy-driver.ts';
import { PolicyMismatchError } from '../../../src/verify/testing/policy-mismatch.ts';

const CONFIG: RouterConfig = {
  models: { local: { provider: 'simulated' }, cloud: { provider: 'simulated' } },
  rules: [
    { name: 'batch', match: { metadata: { tenant: 'acme' } }, targets: ['cloud'], whenUnavailable: 'wait' },
    { name: 'interactive', match: 'high', targets: ['local'], fallback: ['cloud'] },
  ],
};

/** A router that asks the cloud first. */
const backwards: CreateRouter = ({ config, clock, backendOf }) => {
  const rules = config.rules!.map((rule) =>
    rule.name === 'interactive' ? { ...rule, targets: ['cloud'], fallback: ['local'] } : rule,
  );
  return LLMRouter.fromConfig({ ...config, rules }, { clock, backendOf, seed: 1 });
};

/** What 25 workloads come to. */
async function sampled(options: RunWorkloadOptions = {}) {
  const workloads = fc.sample(arbitraryWorkload(fc, { maxSteps: 50 }), { numRuns: 25, seed: 1 });
  const runs = [];
  for (const workload of workloads) runs.push(await runWorkload(CONFIG, workload, options));
  return { workloads, runs, events: runs.flatMap(({ events }) => events) };
}

describe('workloads', () => {
  it('bring every kind of request, of end, of command, and times and hints of every length', async () => {
    const { events, runs } = await sampled();

    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set([
        'request',
        'call.succeeded',
        'call.failed',
        'call.refused',
        'call.ignored',
        'call.rate_limited',
        'request.cancel',
        'time.passed',
        'pause',
        'resume',
        'breaker.force_open',
        'breaker.reset',
      ]),
    );
    expect(events.some((event) => 'retryAfterMs' in event)).toBe(true);
    expect(events.some((event) => event.type === 'time.passed' && event.ms > 1_000)).toBe(true);
    expect(events.some((event) => event.type === 'request' && event.metadata?.['tenant'] === 'acme')).toBe(true);
    const settled = runs.flatMap(({ observation }) => Object.values(observation.settled));
    expect(settled).toEqual(expect.arrayContaining(['served:local', 'served:cloud', 'cancelled']));
  });

  it('hold of a router that keeps to its policy at its own size, with the events that are asked for', async () => {
    const alphabet = {
      requests: [{ priority: 'high' }],
      outcomes: ['succeeded', 'failed'],
      cancels: false,
      operator: [],
    } as const;

    const { events } = await sampled({ small: false, alphabet });

    expect(events.length).toBeGreaterThan(200);
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['request', 'call.succeeded', 'call.failed', 'time.passed']),
    );
  });

  it('have steps that mean something in every state, so that any of them can be left out', async () => {
    const workload = arbitraryWorkload(fc, { maxSteps: 40 });
    await fc.assert(
      fc.asyncProperty(workload, fc.nat(39), async (steps, left) => {
        await runWorkload(CONFIG, steps.toSpliced(left, 1));
      }),
      { numRuns: 10, seed: 2 },
    );
  });

  it('are shrunk to what it takes', async () => {
    const property = fc.asyncProperty(arbitraryWorkload(fc, { maxSteps: 30 }), async (workload) => {
      await runWorkload(CONFIG, workload, { createRouter: backwards });
    });

    const { failed, counterexample, errorInstance } = await fc.check(property, { seed: 3 });

    expect(failed).toBe(true);
    expect(counterexample![0]).toHaveLength(1);
    expect(errorInstance).toBeInstanceOf(PolicyMismatchError);
    expect((errorInstance as Error).message).toMatchInlineSnapshot(`
      "The router does something else than its policy says.
      Steps:
        1. a high request comes (r1)
      Expected:
        models.local.running: r1
        models.cloud.running: none
      Happened:
        models.local.running: none
        models.cloud.running: r1"
    `);
  });

  it('can be checked against more than the policy', async () => {
    const request: Workload = [{ kind: 'request', pick: 0, ms: null }];
    const seen: unknown[] = [];

    await runWorkload(CONFIG, [...request, { kind: 'call', pick: 0, ms: null }], {
      check: (observation, event) => seen.push([event.type, observation.settled]),
    });
    const failing = runWorkload(CONFIG, request, {
      check: () => {
        throw new Error('not so');
      },
    });

    expect(seen).toEqual([
      ['request', {}],
      ['call.succeeded', { r1: 'served:cloud' }],
    ]);
    await expect(failing).rejects.toThrow('not so');
  });

  it('leave out what has nothing to choose from', async () => {
    const { events, observation } = await runWorkload(CONFIG, [
      { kind: 'call', pick: 0, ms: null },
      { kind: 'cancel', pick: 9, ms: null },
      { kind: 'time', pick: 0, ms: 5 },
    ]);

    expect(events).toEqual([{ type: 'time.passed', ms: 5 }]);
    expect(observation.settled).toEqual({});
  });
});
