import { type Clock, LLMRouter, type ModelOptions, systemClock } from 'llm-router';

/** The small model: a category, or a verdict on a draft. */
function judge(prompt: string): string {
  if (prompt.startsWith('May we send')) return prompt.includes('refund') ? 'no, it promises money' : 'yes';
  if (/\bdown\b|unreachable/.test(prompt)) return 'outage';
  return /invoice|charged/.test(prompt) ? 'billing' : 'question';
}

/** The large one: a draft. */
function write(prompt: string): string {
  if (prompt.includes('outage ticket')) return 'We are on it: the region is being restarted and will be back shortly.';
  if (prompt.includes('billing ticket')) return 'We are sorry: you will get a refund for the second charge today.';
  return 'Open the settings, choose your profile, and change the name there.';
}

/**
 * A router over two simulated models: `judging` asks the small one first, `writing` the large one.
 * @param writer what the large model is to be like, in place of one that writes 40 words a second
 */
export function createRouter(clock: Clock = systemClock, writer: ModelOptions = {}): LLMRouter {
  const simulated = { provider: 'simulated', clock } as const;
  const router = new LLMRouter({ clock });
  router.addModel('small', { ...simulated, answer: judge, latencyMs: 50 });
  router.addModel('large', {
    ...simulated,
    answer: write,
    latencyMs: 100,
    tokensPerSecond: 40,
    maxConcurrency: 1,
    ...writer,
  });
  router.addRoute({}, { name: 'judging', targets: ['small'] });
  router.addRoute({}, { name: 'writing', targets: ['large'] });
  return router;
}
