import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { LLMRouter } from '../../src/llm-router.ts';
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts';
import { everythingPrinted } from '../support/leaks.ts';

const KEY = 'sk-test-2f7d0c9b41aa4e6f';
const PROMPT = 'the caller’s very own words';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider.stop());

it('shows a key in nothing that can be looked at, also when the provider echoes it', async () => {
  const seen: string[] = [];
  const log = (data: object, message: string): void => {
    seen.push(message, everythingPrinted(data));
  };
  const router = new LLMRouter({
    logger: { debug: log, info: log, warn: log, error: log },
    inspect: (event: InspectionEvent) => {
      // A snapshot's `machine` is the chart itself, the same each time and very large.
      const { snapshot, event: sent, action } = event as unknown as Record<string, { context?: unknown } | undefined>;
      seen.push(inspect(sent, { depth: 4 }), JSON.stringify([sent, snapshot?.context, action]) ?? '');
    },
  });
  const connection = { provider: 'openai', baseUrl: `${provider.url}/v1`, apiKey: KEY } as const;
  router.addModel('echo', { ...connection, model: 'echo_key' });
  router.addModel('down', { ...connection, model: 'error500' });
  router.addModel('fine', { ...connection, model: 'ok' });
  router.addRoute('high', { targets: ['echo'] });
  router.addRoute('low', { targets: ['echo', 'down'], fallback: ['fine'] });
  for (const name of ['request.settled', 'attempt.failed', 'breaker.changed'] as const) {
    router.on(name, (event: unknown) => seen.push(everythingPrinted(event)));
  }

  const refused = await router.generate(PROMPT, { priority: 'high' }).catch((error: unknown) => error);
  seen.push(everythingPrinted(refused));
  for (let attempt = 0; attempt < 6; attempt++) {
    const answer = await router.generate(PROMPT, { priority: 'low' });
    seen.push(JSON.stringify(answer.trace));
  }
  const root = router.actor.getSnapshot();
  for (const ref of [router.actor, ...Object.values(root.context.models)]) {
    seen.push(JSON.stringify(ref.getSnapshot()), inspect(ref.getSnapshot().context, { depth: 3, showHidden: true }));
  }
  seen.push(JSON.stringify(router.actor.getPersistedSnapshot()));
  seen.push(JSON.stringify([router.getStats(), router.getModelStatus(), await router.health()]));
  seen.push(inspect(router, { depth: 3, showHidden: true }));
  await router.stop();

  const { attempts } = await provider.log();
  expect(attempts.some(({ headers }) => headers['authorization'] === `Bearer ${KEY}`)).toBe(true);
  expect(seen.length).toBeGreaterThan(100);
  expect(seen.filter((text) => text.includes(KEY))).toEqual([]);
  expect(seen.filter((text) => text.includes(PROMPT))).toEqual([]);
});
