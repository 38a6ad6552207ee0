import { describe, expect, it } from 'vitest';
import { PRIORITY_CLASSES } from '../../src/queue/priority.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const models = { a: {}, b: {}, c: {} };

/** Which models are asked, one after the other, when each of them fails. */
async function asked(
  { ask, backends }: Pick<ReturnType<typeof createRig<'a' | 'b' | 'c'>>, 'ask' | 'backends'>,
  options: Parameters<typeof ask>[0] = {},
): Promise<string[]> {
  const names = ['a', 'b', 'c'] as const;
  const order: string[] = [];
  const request = ask(options);
  while (!request.isSettled) {
    const name = names.find((model) => backends[model].calls.length > 0);
    if (name !== undefined) {
      order.push(name);
      backends[name].calls.splice(0)[0]!.fail();
    }
    await settled();
  }
  return order;
}

describe('rules', () => {
  it('send a request to their targets in order, then to their fallbacks in order', async () => {
    const rig = createRig(models);
    rig.router.addRoute('high', { targets: ['c', 'a'], fallback: ['b'] });
    expect(await asked(rig, { priority: 'high' })).toEqual(['c', 'a', 'b']);
  });

  it('with more than six candidates leave the last ones in peace: a request is called six times in all', async () => {
    const { ask, backends } = createRig({ a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {} });
    const request = ask();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'] as const) {
      backends[name].last.fail();
      await settled();
    }
    expect(request.error).toMatchObject({ code: 'provider_failed', candidates: { length: 6 } });
    expect(backends.g.calls).toEqual([]);
  });

  it('that match nothing leave every model a target, in order of registration', async () => {
    const rig = createRig(models);
    rig.router.addRoute('high', { targets: ['c'] });
    for (const priority of PRIORITY_CLASSES.filter((name) => name !== 'high')) {
      expect(await asked(rig, { priority })).toEqual(['a', 'b', 'c']);
    }
  });

  it('are tried in order of declaration: the first that matches decides', async () => {
    const rig = createRig(models);
    rig.router.addRoute('low', { targets: ['a'] });
    rig.router.addRoute({}, { targets: ['b'] });
    rig.router.addRoute('high', { targets: ['c'] });
    expect(await asked(rig, { priority: 'low' })).toEqual(['a']);
    expect(await asked(rig, { priority: 'high' })).toEqual(['b']);
  });

  it('of the same name, or the same bare priority, are replaced where they stand', async () => {
    const rig = createRig(models);
    const { router } = rig;
    router.addRoute('high', { targets: ['a'] });
    router.addRoute({}, { name: 'rest', targets: ['b'] });
    router.addRoute({ priority: 'high' }, { targets: ['c'] });
    expect(await asked(rig, { priority: 'high' })).toEqual(['c']);
    router.addRoute({ priority: 'low' }, { name: 'rest', targets: ['a'] });
    expect(router.actor.getSnapshot().context.rules.map(({ name }) => name)).toEqual(['priority:high', 'rest']);
    expect(await asked(rig, { priority: 'low' })).toEqual(['a']);
    expect(await asked(rig)).toEqual(['a', 'b', 'c']);
  });

  it('that are removed no longer decide', async () => {
    const rig = createRig(models);
    rig.router.addRoute('high', { targets: ['c'] });
    rig.router.removeRoute('priority:high');
    expect(await asked(rig, { priority: 'high' })).toEqual(['a', 'b', 'c']);
    expect(() => rig.router.removeRoute('priority:high')).toThrow(
      expect.objectContaining({ code: 'configuration_invalid', option: 'name' }),
    );
  });

  it('and models that come later concern later requests only', async () => {
    const rig = createRig({ a: { maxConcurrency: 1 }, b: {}, c: {} });
    const { ask, backends, router } = rig;
    router.addRoute('high', { targets: ['a'], fallback: ['b'] });
    const early = ask({ priority: 'high' });
    router.addRoute('high', { targets: ['c'] });
    backends.a.last.fail();
    await settled();
    backends.b.last.succeed();
    await settled();
    expect(early.answer?.modelUsed).toBe('b');
    const late = ask({ priority: 'high' });
    backends.c.last.succeed();
    await settled();
    expect(late.answer?.modelUsed).toBe('c');
  });

  it('are named in the trace, and null where none matched', async () => {
    const { ask, backends, router } = createRig(models);
    router.addRoute('high', { name: 'fast', targets: ['a'] });
    const requests = [ask({ priority: 'high' }), ask()];
    for (const call of backends.a.calls) call.succeed();
    await settled();
    expect(requests.map(({ answer }) => answer?.trace.rule)).toEqual(['fast', null]);
  });
});

describe('a request that says where it goes', () => {
  it('by the name of a model goes only there, whatever the rules', async () => {
    const rig = createRig(models);
    rig.router.addRoute({}, { targets: ['a'], fallback: ['b'] });
    expect(await asked(rig, { model: 'c' })).toEqual(['c']);
    const { ask, fail } = createRig({ a: { breaker: { failureThreshold: 1 } }, b: {} });
    await fail('a', 1);
    const refused = ask({ model: 'a' });
    await settled();
    expect(refused).toMatchObject({
      code: 'no_model_available',
      error: { candidates: [{ model: 'a', reason: 'circuit_open' }] },
    });
  });

  it('by the name of a rule follows it, whatever it matches', async () => {
    const rig = createRig(models);
    rig.router.addRoute('high', { name: 'fast', targets: ['c'], fallback: ['b'] });
    expect(await asked(rig, { model: 'fast', priority: 'low' })).toEqual(['c', 'b']);
    expect(await asked(rig, { model: 'fast', fallback: false })).toEqual(['c']);
  });

  it('by auto goes as it would without', async () => {
    const rig = createRig(models);
    rig.router.addRoute('high', { targets: ['c'] });
    expect(await asked(rig, { model: 'auto', priority: 'high' })).toEqual(['c']);
    expect(await asked(rig, { model: 'auto' })).toEqual(['a', 'b', 'c']);
  });

  it('without fallback goes to the rule’s targets only', async () => {
    const rig = createRig(models);
    rig.router.addRoute('high', { targets: ['c', 'b'], fallback: ['a'] });
    expect(await asked(rig, { priority: 'high', fallback: false })).toEqual(['c', 'b']);
    expect(await asked(rig, { priority: 'high', fallback: true })).toEqual(['c', 'b', 'a']);
  });

  it('by a name that is nothing is refused with the nearest one', async () => {
    const { ask, router } = createRig({ 'gpt-fast': {}, 'llama3:8b': {} });
    router.addRoute('high', { name: 'premium', targets: ['gpt-fast'] });
    const refusal = async (model: string): Promise<unknown> => {
      const request = ask({ model });
      await settled();
      return request.error;
    };
    for (const [given, near] of [
      ['gpt-fsat', 'gpt-fast'],
      ['lama3:8b', 'llama3:8b'],
      ['Premium', 'premium'],
    ] as const) {
      expect(await refusal(given)).toMatchObject({
        code: 'model_unknown',
        status: 404,
        message: expect.stringContaining(`did you mean '${near}'?`),
      });
    }
    const error = (await refusal('something else')) as Error;
    expect(error.message).not.toContain('did you mean');
    expect(error.message).toContain('Known: gpt-fast, llama3:8b, premium');
    expect(router.getStats().totalRequests).toBe(0);
  });

  it('to a router without models is told that there is none', async () => {
    const { ask } = createRig({});
    const request = ask();
    await settled();
    expect(request).toMatchObject({ code: 'no_model_available', error: { candidates: [] } });
  });
});
