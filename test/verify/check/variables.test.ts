import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { RuleConfig } from '../../../src/config/router-config.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';
import type { PolicyReport } from '../../../src/verify/check/finding.ts';

const reference = (name: string): string => `$\{${name}}`;

/** What is said of a policy whose texts come from the environment. */
function checked(config: object, environment: Readonly<Record<string, string>>): PolicyReport {
  const report = checkPolicy(loadConfig(config, { environment, semantics: 'keep' }));
  const shown = JSON.stringify(report);
  for (const value of Object.values(environment)) expect(shown).not.toContain(value);
  return report;
}
const codesOf = ({ findings }: PolicyReport): string[] => findings.map(({ code }) => code);

const MODELS = { a: { provider: 'simulated' }, b: { provider: 'simulated' } };
const rule = (name: string, metadata: object): object => ({ name, match: { metadata }, targets: ['a', 'b'] });

describe('a policy is judged by what its variables hold, and shown without it', () => {
  it('finds an upstream that is shared under two names', () => {
    const report = checked(
      {
        models: {
          a: { provider: 'simulated', upstream: reference('GPU_A') },
          b: { provider: 'simulated', upstream: reference('GPU_B') },
        },
        rules: [{ name: 'all', targets: ['a'], fallback: ['b'] }],
      },
      { GPU_A: 'rack-seven', GPU_B: 'rack-seven' },
    );
    expect(codesOf(report)).toContain('shared_upstream');
  });

  it('finds none where two variables hold different ones', () => {
    const upstream = (name: string) => ({ provider: 'simulated', upstream: reference(name) });
    const models = { a: upstream('GPU_A'), b: upstream('GPU_B') };
    const report = checked(
      { models, rules: [{ name: 'all', targets: ['a'], fallback: ['b'] }] },
      { GPU_A: 'rack-seven', GPU_B: 'rack-eight' },
    );
    expect(codesOf(report)).not.toContain('shared_upstream');
  });

  it.each([
    ['the same value', reference('TEAM'), 'wholesale', { TEAM: 'wholesale' }],
    [
      'the same value under another name',
      reference('TEAM'),
      reference('CREW'),
      { TEAM: 'wholesale', CREW: 'wholesale' },
    ],
    ['a prefix of it', { prefix: reference('START') }, 'wholesale', { START: 'wholes' }],
    ['a prefix that it begins with', { prefix: 'wh' }, reference('TEAM'), { TEAM: 'wholesale' }],
  ] as const)('finds the rule that is hidden by %s', (_, first, second, environment) => {
    const written = { models: MODELS, rules: [rule('first', { team: first }), rule('second', { team: second })] };
    const report = checkPolicy(loadConfig(written, { environment, semantics: 'keep' }));
    expect(codesOf(report)).toContain('rule_hidden');
  });

  it('shows the way to a finding with the texts of the file', () => {
    const report = checked(
      {
        models: { a: { provider: 'simulated' } },
        rules: [
          rule('exact', { team: ['retail', reference('TEAM')] }),
          rule('begins', { team: { prefix: `x-${reference('START')}` }, tier: reference('TIER') }),
        ].map((each) => ({ ...(each as RuleConfig), targets: ['a'] })),
      },
      { TEAM: 'wholesale', START: 'wholes', TIER: '73519' },
    );
    const requests = report.findings.flatMap(({ path }) => path.filter(({ type }) => type === 'request'));
    expect(requests).toContainEqual({
      type: 'request',
      priority: 'critical',
      metadata: { team: `x-${reference('START')}`, tier: reference('TIER') },
    });
  });
});
