import { loadConfig } from 'llm-router';
import { assertPolicy, checkPolicy, type PolicyState, testPolicy } from 'llm-router/testing';
import { expect, it } from 'vitest';

const environment = { ANTHROPIC_API_KEY: 'unused', OPENAI_API_KEY: 'unused' };
const policy = loadConfig(new URL('llm-router.yaml', import.meta.url), { environment });

const isBatch = ({ metadata, class: priority }: PolicyState) => metadata['job'] === 'batch' || priority === 'low';

it('leaves the checker nothing to say', () => expect(checkPolicy(policy).findings).toEqual([]));

it('never spends more than the cheap model on batch work, nor a slot of the others', () => {
  assertPolicy(policy, (state) => !isBatch(state) || state.candidates.join() === 'cheap');
});

it('lets batch work wait while the cheap model recovers', () => {
  assertPolicy(policy, ({ models: { cheap } }, { outcome }) => {
    if (cheap?.recovery === 'in_time' && cheap.limit !== 'late') expect(outcome).toBe('park');
  });
});

it('answers critical and high with the fast model whenever it is free', () => {
  assertPolicy(policy, ({ rule, models: { fast } }, { model }) => {
    if (rule === 'interactive' && fast!.queue === 'free' && fast!.limit === 'none') expect(model).toBe('fast');
  });
});

it('is what the router does', () => testPolicy(policy.config, { coverage: 'none' }));
