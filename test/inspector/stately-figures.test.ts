import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { eventFigures, figuresOf } from '../../src/inspector/stately-figures.ts';
import { createBench, heard, twoModels } from '../support/stately.ts';
import { settled } from '../support/virtual-clock.ts';

const { relay, attach } = createBench();

describe('what is never shown', () => {
  it('holds no prompt, no answer, no metadata, no text of an error and no key', async () => {
    const secrets = [
      'planted prompt',
      'planted answer',
      'planted fault',
      'planted-tag',
      'sk-planted-0123',
      'plantedSystem',
    ];
    const page = await relay();
    const rig = twoModels({ retries: { maxRetries: 1 } });
    rig.router.addModel('keyed', { provider: 'openai', model: 'gpt', apiKey: 'sk-planted-0123', maxConcurrency: 1 });
    await attach(rig.router, { url: page.url });
    await page.until(() => page.wire.length >= 10);

    const asked = rig.ask(
      { model: 'gpu', metadata: { tag: 'planted-tag' }, system: 'plantedSystem' },
      'planted prompt',
    );
    rig.backends.gpu.last.fail(new BackendError('planted fault', { status: 500, code: 'sk-planted-0123' }));
    await rig.clock.advance(60_000);
    rig.backends.gpu.last.succeed({ content: 'planted answer' });
    await settled();
    expect(asked.answer?.content).toBe('planted answer');
    const failed = rig.ask({ model: 'cloud' }, 'planted prompt');
    rig.backends.cloud.last.fail(new BackendError('planted fault', { status: 400, code: 'planted fault' }));
    await settled();
    expect(failed.isSettled).toBe(true);
    const streamed = rig.router.stream('planted prompt', { model: 'gpu' });
    const reading = (async () => {
      for await (const _ of streamed);
    })();
    await settled();
    rig.backends.gpu.lastStream.push('planted answer');
    rig.backends.gpu.lastStream.end();
    await reading;
    rig.router.pause('gpu');
    await page.until(() => heard(page.messages, 'pause').length > 0);

    expect(heard(page.messages, 'call.failed')).not.toHaveLength(0);
    expect(heard(page.messages, 'call.succeeded')).not.toHaveLength(0);
    for (const secret of secrets) expect(page.wire.filter((text) => text.includes(secret))).toEqual([]);
  });

  it('is decided by an allow-list', () => {
    const event = {
      type: 'call.failed',
      at: 3,
      reason: 'circuit_open',
      code: 'ECONNREFUSED',
      model: 'a/b:c.d-1',
      lingers: false,
      error: new Error('planted'),
      output: { content: 'planted' },
      input: { apiKey: 'planted' },
      metadata: { planted: 1 },
      note: 'planted',
      'planted field': 1,
      send: () => 'planted',
      slip: {
        id: 'req-1',
        rule: null,
        candidates: ['gpu', 'planted text'],
        attempts: [{ model: 'gpu', outcome: 'failure', code: 'sk-Planted0123', message: 'planted' }, 'planted'],
        terms: { cache: { status: 'miss', veto: 'planted' } },
      },
      rule: { match: 'planted' },
      lack: { reason: 'It was planted.', retryAt: 9 },
    };
    expect(eventFigures(event)).toEqual({
      type: 'call.failed',
      at: 3,
      reason: 'circuit_open',
      code: 'ECONNREFUSED',
      model: 'a/b:c.d-1',
      lingers: false,
      slip: {
        id: 'req-1',
        rule: null,
        candidates: ['gpu'],
        attempts: [{ model: 'gpu', outcome: 'failure' }],
        terms: { cache: { status: 'miss' } },
      },
      lack: { retryAt: 9 },
    });
    expect(eventFigures({ type: 'what the planted prompt said' })).toEqual({ type: 'unknown' });
  });

  it('ends in a thing that holds itself', () => {
    const slip: { id: string; slip?: unknown } = { id: 'r' };
    slip.slip = slip;
    expect(JSON.stringify(figuresOf({ slip }))).toContain('"id":"r"');
  });
});
