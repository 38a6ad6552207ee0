import { loadConfig } from 'llm-router';
import { assertPolicy, checkPolicy, testPolicy } from 'llm-router/testing';
import { expect, it } from 'vitest';

const [endpoint, key] = ['https://unused.example', 'unused'];
const regions = { AZURE_EU_ENDPOINT: endpoint, AZURE_EU_KEY: key, AZURE_US_ENDPOINT: endpoint, AZURE_US_KEY: key };
const policy = loadConfig(new URL('llm-router.yaml', import.meta.url), { environment: regions });

it('has no error, and no warning but the one that is accepted', () => {
  const found = checkPolicy(policy).findings.map(({ code, where }) => `${code} ${where}`);
  expect(found).toEqual(['shared_upstream rules[0].fallback[0]']);
});

it('keeps in the EU what belongs to its residents', () => {
  assertPolicy(policy, ({ metadata, candidates }) => metadata['residency'] !== 'eu' || !candidates.includes('gpt-us'));
});

it('loses nobody else to a region whose breaker is open while the other one is free', () => {
  assertPolicy(policy, ({ rule, models: { 'gpt-eu': eu, 'gpt-us': us } }, { model }) => {
    if (rule === 'rest' && eu!.breaker === 'open' && us!.queue === 'free' && us!.limit === 'none') {
      expect(model).toBe('gpt-us');
    }
  });
});

it('is what the router does', () => testPolicy(policy.config, { coverage: 'none' }));
