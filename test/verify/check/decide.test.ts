import { expect, it } from 'vitest';
import { modelMachine } from '../../../machines/model/model.machine.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../../../src/queue/priority.ts';
import { type Decision, Decisions, decide, type Occasion } from '../../../src/verify/check/decide.ts';
import { PolicySpace } from '../../../src/verify/check/policy-space.ts';
import type { Stance } from '../../../src/verify/check/stance.ts';
import { policyOf } from '../../../src/verify/policy.ts';

const TIMEOUT_MS = 600_000;

/** As combinations are walked: candidate by candidate, as far as it takes. */
function decisionFrom(decisions: Decisions, priority: PriorityClass, stances: readonly Stance[]): Decision {
  let prefix = decisions.root;
  for (let known = 1; prefix.decision === null; known++) {
    prefix = decisions.after(prefix, priority, stances.slice(0, known));
  }
  return prefix.decision;
}

it.each([
  ['fail', true],
  ['wait', true],
  ['wait', false],
] as const)('what is remembered of candidates of the same effect is what selection says of each (%s, room to park: %s)', (whenUnavailable, canPark) => {
  const rule = { targets: ['m'], whenUnavailable, timeoutMs: TIMEOUT_MS };
  const policy = policyOf({ models: { m: { provider: 'simulated' } }, rules: [rule] });
  const space = new PolicySpace(policy, modelMachine, 'states');
  const states = space.statesOf('m', { timeoutMs: TIMEOUT_MS, whenUnavailable });
  const occasion: Occasion = { timeoutMs: TIMEOUT_MS, whenUnavailable, canPark };
  const decisions = new Decisions(occasion, 3);
  const effects = new Set<string>();
  const keys = new Set<string>();

  for (const priority of PRIORITY_CLASSES) {
    const stances = [...new Map(states.map(({ stances }) => [stances[priority].key, stances[priority]])).values()];
    for (const one of stances) {
      keys.add(one.key);
      effects.add(one.effect);
      for (const two of stances) {
        for (const three of stances) {
          const all = [one, two, three];
          expect(decisionFrom(decisions, priority, all)).toEqual(decide(occasion, priority, all));
        }
      }
    }
  }

  expect(effects.size).toBeLessThan(keys.size);
});
