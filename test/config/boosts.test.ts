import { describe, expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { DEFAULT_BOOSTS, type PriorityClass } from '../../src/queue/priority.ts';
import type { RouterOptions } from '../../src/router-options.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

/** In which order one slot serves a request of each class, asked for in that order, a second apart. */
async function served(boostMs: RouterOptions['boostMs'], classes: readonly PriorityClass[]): Promise<string[]> {
  const { backends, ask, clock } = createRig({ m: { maxConcurrency: 1 } }, { boostMs });
  ask({}, 'first');
  for (const priority of classes) {
    await clock.advance(1_000);
    ask({ priority }, priority);
  }
  for (let left = classes.length; left > 0; left--) {
    backends.m.last.succeed();
    await settled();
  }
  return backends.m.calls.slice(1).map(({ request }) => request.prompt);
}

describe('the boosts of a router', () => {
  it('are the order in which a model serves', async () => {
    const asked = ['low', 'normal', 'critical'] as const;
    expect(await served(undefined, asked)).toEqual(['critical', 'normal', 'low']);
    expect(await served({ low: 100_000 }, asked)).toEqual(['low', 'critical', 'normal']);
    expect(await served({ critical: 0, high: 0, normal: 0, low: 0 }, asked)).toEqual(['low', 'normal', 'critical']);
  });

  it('say who loses a place to whom', async () => {
    const displaced = async (boostMs: RouterOptions['boostMs']): Promise<string | undefined> => {
      const { ask, clock } = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 2 } }, { boostMs });
      ask();
      const waiting = ask({ priority: 'low' });
      await clock.advance(1_000);
      const newcomer = ask({ priority: 'critical' });
      await settled();
      return waiting.isSettled ? 'low' : newcomer.isSettled ? 'critical' : undefined;
    };
    expect(await displaced(undefined)).toBe('low');
    expect(await displaced({ critical: 500 })).toBe('critical');
  });

  it('reach the router and every model, what is not given by default', () => {
    const { router } = createRig({ m: {} }, { boostMs: { high: 7, low: undefined } });
    const boosts = { ...DEFAULT_BOOSTS, high: 7 };
    const { context } = router.actor.getSnapshot();
    expect(context.boosts).toEqual(boosts);
    expect(context.models['m']!.getSnapshot().context.limits.boosts).toEqual(boosts);
  });

  it.each([
    [{ critical: -1 }, 'new LLMRouter().boostMs.critical: given -1; accepted: milliseconds, 0 or more'],
    [
      { high: Number.POSITIVE_INFINITY },
      'new LLMRouter().boostMs.high: given Infinity; accepted: milliseconds, 0 or more',
    ],
    [{ urgent: 1 }, 'new LLMRouter().boostMs.urgent: no such option; accepted: critical, high, normal, low'],
    [5, 'new LLMRouter().boostMs: given 5; accepted: an object of milliseconds by class'],
  ])('are refused when they are wrong: %j', (boostMs, message) => {
    expect(() => new LLMRouter({ boostMs: boostMs as never })).toThrow(message);
  });
});
