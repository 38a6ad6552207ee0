import { afterEach, expect, it, vi } from 'vitest';
import { Inspector } from '../../src/inspector/inspector.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { attachmentsOf } from '../inspector/support.ts';
import { collectFatal } from '../support/fatal.ts';
import { rejectionOf } from '../support/leaks.ts';
import { settled } from '../support/virtual-clock.ts';

const fatal = collectFatal();
afterEach(() => vi.restoreAllMocks());

it('leaves nothing at the router when it is closed, a hundred times', async () => {
  const router = new LLMRouter();
  const attachments = attachmentsOf(router);
  const before = attachments.count();
  for (let cycle = 0; cycle < 100; cycle++) {
    const { close } = await router.inspect();
    expect(attachments.count()).toBeGreaterThan(before);
    await close();
  }
  expect(attachments.count()).toBe(before);
  await router.stop();
});

it('brings nothing down when it cannot be closed after the router has ended by itself', async () => {
  const error = vi.fn();
  const router = new LLMRouter({ logger: { debug() {}, info() {}, warn() {}, error } });
  const { close } = await router.inspect();
  vi.spyOn(Inspector.prototype, 'close').mockImplementation(() => {
    throw new Error('cannot close');
  });
  router.actor.send({ type: 'stop', at: 0 });
  router.actor.send({ type: 'end', at: 0 });
  expect(String(await rejectionOf(close()))).toContain('cannot close');
  await settled();
  expect(fatal).toEqual([]);
  expect(error.mock.calls.map(([, message]) => message)).toEqual(['the inspector could not be closed']);
});
