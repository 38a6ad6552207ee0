import { describe, expect, it } from 'vitest';
import type { RuleMatch } from '../../../src/routing/match.ts';
import { policyOf } from '../../../src/verify/policy.ts';
import { alphabetOf, type RequestKind } from '../../../src/verify/testing/index.ts';

/** The requests that are sent when the rules match so, one line each. */
function requestsFor(...matches: readonly RuleMatch[]): string[] {
  const policy = policyOf({
    models: { gpt: { provider: 'simulated' } },
    rules: matches.map((match) => ({ match, targets: ['gpt'] })),
  });
  const lineOf = ({ priority, metadata = {} }: RequestKind): string =>
    [priority, ...Object.entries(metadata).map(([key, value]) => `${key}=${value}`)].join(' ');
  return alphabetOf(policy).requests.map(lineOf);
}

describe('the requests of the default alphabet', () => {
  it('are one of the most and one of the least important class where there are no rules', () => {
    expect(requestsFor()).toEqual(['critical', 'low']);
  });

  it('are such of each rule, and of what no rule takes', () => {
    expect(requestsFor({ metadata: { tenant: 'a' } }, { priority: ['high', 'normal'] })).toEqual([
      'critical tenant=a',
      'low tenant=a',
      'high',
      'normal',
      'critical',
      'low',
    ]);
  });

  it('are one of a rule that takes one class', () => {
    expect(requestsFor({ priority: 'high' }, {})).toEqual(['high', 'critical', 'low']);
  });

  it('have every value that a rule names', () => {
    expect(requestsFor({ metadata: { tenant: ['a', 'b', 3] } }, {})).toEqual([
      'critical tenant=a',
      'low tenant=a',
      'critical',
      'low',
      'critical tenant=b',
      'critical tenant=3',
    ]);
  });

  it('reach a rule whose first value an earlier rule takes, and whose prefix itself another one does', () => {
    const requests = requestsFor(
      { metadata: { tenant: 'a' } },
      { metadata: { team: 'x' } },
      { metadata: { tenant: ['a', 'b'], team: { prefix: 'x' } } },
    );
    expect(requests.filter((request) => request.includes('tenant=b'))).toEqual([
      'critical tenant=b team=x0',
      'low tenant=b team=x0',
    ]);
  });

  it('are none of a rule that never has its turn', () => {
    expect(requestsFor({}, { metadata: { tenant: 'a' } })).toEqual(['critical', 'low']);
  });
});
