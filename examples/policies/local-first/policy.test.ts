import { LLMRouter, loadConfig } from 'llm-router';
import { assertPolicy, checkPolicy, expectTrace, ScriptedBackend, testPolicy } from 'llm-router/testing';
import { expect, it } from 'vitest';

const file = new URL('llm-router.yaml', import.meta.url);
const environment = { OPENAI_API_KEY: 'unused' };
const policy = loadConfig(file, { environment });

const isFree = (model?: { queue: string; limit: string }) => model?.queue === 'free' && model.limit === 'none';

it('leaves the checker nothing to say', () => expect(checkPolicy(policy).findings).toEqual([]));

it('never takes to the cloud what is private', () => {
  assertPolicy(policy, ({ metadata, candidates }) => metadata['privacy'] !== 'local' || !candidates.includes('gpt'));
});

it('pays for nothing that a local model would take at once', () => {
  assertPolicy(policy, ({ models: { llama, phi } }, { model }) => model !== 'gpt' || !(isFree(llama) || isFree(phi)));
});

it('turns nobody away while the cloud is free, but what is private', () => {
  assertPolicy(policy, ({ models: { gpt } }, { outcome }) => !isFree(gpt) || outcome !== 'fail');
});

it('is what the router does', () => testPolicy(policy.config, { coverage: 'none' }));

it('asks both local models before the cloud', async () => {
  const cloud = new ScriptedBackend();
  const local = { generate: () => Promise.reject(new Error('down')) };
  const router = LLMRouter.fromConfig(file, { environment, backendOf: (model) => (model === 'gpt' ? cloud : local) });
  const asked = router.generate('Hello', { maxRetries: 0 });
  await expect.poll(() => cloud.calls.length).toBe(1);
  cloud.last.succeed();
  expectTrace(await asked)
    .inOrder('llama', 'phi', 'gpt')
    .servedBy('gpt');
});
