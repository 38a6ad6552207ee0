import { expect, it } from 'vitest';
import { modelMachine } from '../../../machines/model/model.machine.ts';
import type { ModelConfig } from '../../../src/config/router-config.ts';
import { PolicySpace } from '../../../src/verify/check/policy-space.ts';
import { policyOf } from '../../../src/verify/policy.ts';

/** A chart in which nothing happens, so that any number of models is gone through at once. */
const still: typeof modelMachine = Object.create(modelMachine, {
  transition: { value: (snapshot: unknown) => snapshot },
});

it('a policy with more models than are remembered for others has its own answered from memory', () => {
  const model = (index: number): ModelConfig => ({
    provider: 'simulated',
    maxConcurrency: 1,
    maxQueueDepth: 1,
    breaker: false,
    abortGraceMs: 1_000 + index,
  });
  const names = Array.from({ length: 70 }, (_, index) => `m${index}`);
  const policy = policyOf({ models: Object.fromEntries(names.map((name, index) => [name, model(index)])) });
  const space = new PolicySpace(policy, still);

  const first = names.map((name) => space.reachedOf(name));

  for (const [index, name] of names.entries()) expect(space.reachedOf(name)).toBe(first[index]);
});
