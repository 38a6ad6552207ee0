import { afterEach, expect } from 'vitest';
import { attachStately, type StatelyInternals, type StatelyOptions } from '../../src/inspector/stately.ts';
import type { LLMRouter } from '../../src/llm-router.ts';
import { collectFatal } from './fatal.ts';
import { createRig, type Rig } from './rig.ts';
import { type Message, type Relay, startRelay } from './stately-relay.ts';
import { settled } from './virtual-clock.ts';

const models = { gpu: { maxConcurrency: 2 }, cloud: { maxConcurrency: 1 } };
/** The root, its timers, its cache with the logic that works for it, two models, three slots. */
export const ACTORS = 9;

export const twoModels = (options?: Parameters<typeof createRig>[1]): Rig<'gpu' | 'cloud'> =>
  createRig(models, options);

export interface Attached {
  readonly errors: readonly unknown[];
  /** Resolves with the first error. */
  readonly failed: Promise<void>;
  detach(): void;
}

export interface Bench {
  /** Called after the test, the last first. */
  readonly ends: (() => void)[];
  relay(): Promise<Relay>;
  attach(router: LLMRouter, options: StatelyOptions, internals?: StatelyInternals): Promise<Attached>;
}

/** Relays and attachments that are gone after each test of the file, in which nothing may have escaped. */
export function createBench(): Bench {
  const fatal = collectFatal();
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0).reverse()) end();
    expect(fatal).toEqual([]);
  });
  return {
    ends,
    async relay() {
      const started = await startRelay();
      ends.push(() => started.close());
      return started;
    },
    async attach(router, options, internals) {
      const errors: unknown[] = [];
      let wake = (): void => {};
      const failed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const onError = (error: unknown): void => {
        errors.push(error);
        wake();
      };
      const { detach } = await attachStately({ actor: router.actor, onError }, options, internals);
      ends.push(detach);
      return { errors, failed, detach };
    },
  };
}

export const actorsIn = (messages: readonly Message[]): Message[] =>
  messages.filter(({ type }) => type === '@xstate.actor');
export const heard = (messages: readonly Message[], type: string): Message[] =>
  messages.filter((message) => message.type === '@xstate.event' && message.event?.type === type);

export async function serveOne(rig: Rig<'gpu' | 'cloud'>): Promise<void> {
  const asked = rig.ask({ model: 'gpu' });
  rig.backends.gpu.last.succeed();
  await settled();
  expect(asked.answer?.content).toBe('ok');
}
