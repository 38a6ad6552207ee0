import { describe, expect, it } from 'vitest';
import type { LLMRouterError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

describe('rejections', () => {
  it('P46 are fresh errors, whose stacks do not grow', async () => {
    const { ask: request } = createRig({ m: { maxQueueDepth: 1 } });
    request();
    const rejections = async (): Promise<LLMRouterError[]> => {
      const refused = [request(), request(), request({ model: 'none' }), request({ temperature: 9 })];
      await settled();
      return refused.map(({ error }) => error as LLMRouterError);
    };
    const [first, second, unknown, invalid] = await rejections();
    expect([first!.code, unknown!.code, invalid!.code]).toEqual(['queue_full', 'model_unknown', 'request_invalid']);
    expect(first).not.toBe(second);
    const later = [];
    for (let round = 0; round < 50; round++) later.push(...(await rejections()));
    expect(new Set(later).size).toBe(200);
    for (const [index, { stack }] of later.entries()) {
      expect(stack!.length).toBeLessThan(2 * [first, second, unknown, invalid][index % 4]!.stack!.length);
    }
  });

  it('P46 of one open breaker and of one stop are an error for each request', async () => {
    const { ask: request, fail } = createRig({ m: { breaker: { failureThreshold: 1 } } });
    await fail('m', 1);
    const refused = [request(), request(), request()];
    await settled();
    expect(new Set(refused.map(({ error }) => error)).size).toBe(3);

    const { ask: another, clock, router } = createRig({ m: { maxConcurrency: 1 } });
    const waiting = [another(), another(), another()];
    void router.stop({ graceMs: 0 });
    await clock.advance(0);
    expect(waiting.map(({ code }) => code)).toEqual(Array(3).fill('router_stopped'));
    expect(new Set(waiting.map(({ error }) => error)).size).toBe(3);
  });
});
