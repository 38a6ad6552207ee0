import { expect, it } from 'vitest';
import type { RouterConfig, RuleConfig } from '../../../src/config/router-config.ts';
import { assertPolicy, type PolicyViolationError } from '../../../src/verify/check/assert-policy.ts';
import { requestKinds } from '../../../src/verify/check/request-kinds.ts';
import { routingOf } from '../../../src/verify/check/routes.ts';
import { policyOf } from '../../../src/verify/policy.ts';

const small = { provider: 'simulated', maxConcurrency: 1, maxQueueDepth: 2, breaker: { failureThreshold: 1 } } as const;
const withRules = (...rules: RuleConfig[]): RouterConfig => ({ models: { local: small, cloud: small }, rules });

function kindsOf(config: RouterConfig, rule: string | null, max = 1_000) {
  const policy = policyOf(config);
  const route = routingOf(policy).routes.find((one) => (one.rule?.name ?? null) === rule)!;
  return requestKinds(policy, route, max);
}

const PRIVATE: RuleConfig = {
  name: 'private',
  match: { metadata: { privacy: ['local', 'house'] } },
  targets: ['local'],
};
const URGENT: RuleConfig = { name: 'urgent', match: 'critical', targets: ['cloud'] };
const REST: RuleConfig = { name: 'rest', match: { metadata: { path: { prefix: '/v1' } } }, targets: ['cloud'] };

it('has every value that a later rule asks for in the requests of an earlier one', () => {
  const { kinds, isComplete } = kindsOf(withRules(URGENT, PRIVATE, REST), 'urgent');

  expect(isComplete).toBe(true);
  expect(kinds).toEqual(
    expect.arrayContaining([
      {},
      { privacy: 'local' },
      { privacy: 'house' },
      { path: '/v1' },
      { privacy: 'house', path: '/v1' },
    ]),
  );
  expect(kinds).toHaveLength(6);
});

it('has nothing that an earlier rule takes, and what the route begins with first', () => {
  const config = withRules(PRIVATE, URGENT, REST);

  expect(kindsOf(config, 'urgent').kinds).toEqual([{}, { path: '/v1' }]);
  expect(kindsOf(config, 'private').kinds[0]).toEqual({ privacy: 'local' });
  expect(kindsOf(config, null).kinds).toEqual([{}]);
});

it('says when there were more', () => {
  expect(kindsOf(withRules(URGENT, PRIVATE, REST), 'urgent', 2)).toMatchObject({ isComplete: false });
});

it('lets a property see a private request that a rule for all critical ones takes', () => {
  const property: Parameters<typeof assertPolicy>[1] = ({ metadata }, { model }) =>
    metadata['privacy'] !== 'house' || model !== 'cloud';

  expect(assertPolicy(withRules(PRIVATE, URGENT), property)).toBeGreaterThan(0);

  let violation: PolicyViolationError | undefined;
  try {
    assertPolicy(withRules(URGENT, PRIVATE), property);
  } catch (error) {
    violation = error as PolicyViolationError;
  }
  expect(violation).toMatchObject({
    name: 'PolicyViolationError',
    state: { rule: 'urgent', class: 'critical', metadata: { privacy: 'house' } },
    decision: { outcome: 'admit', model: 'cloud' },
    path: [{ type: 'request', priority: 'critical', metadata: { privacy: 'house' } }],
  });
});
