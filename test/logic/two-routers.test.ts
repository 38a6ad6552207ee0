import { describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { LLMRouter } from '../../src/llm-router.ts';
import { generateLogic, streamLogic } from '../../src/logics.ts';
import { collectFatal } from '../support/fatal.ts';
import { ask } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const fatal = collectFatal();

describe('two routers in one system', () => {
  function createPair() {
    const backends = { left: new ScriptedStreamingBackend(), right: new ScriptedStreamingBackend() };
    const clock = new VirtualClock();
    const heard: unknown[] = [];
    const machine = createMachine({
      types: {} as { context: Record<'left' | 'right', LLMRouter>; events: { type: string; actorId?: string } },
      context: ({ spawn }) => {
        const create = (id: 'left' | 'right') => {
          const router = new LLMRouter({ clock, id, spawn: (logic) => spawn(logic, { id }) });
          router.addModel('m', { backend: backends[id] });
          spawn(generateLogic(router), { id: `${id}-ask`, input: { prompt: id } });
          spawn(streamLogic(router), { id: `${id}-write`, input: { prompt: id } });
          return router;
        };
        return { left: create('left'), right: create('right') };
      },
      on: { '*': { actions: ({ event }) => heard.push([event.type, event.actorId]) } },
    });
    const parent = createActor(machine, { clock }).start();
    return { backends, clock, heard, parent, ...parent.getSnapshot().context };
  }

  it('with models of the same names do not get into each other’s way', async () => {
    const { backends, heard, left, right, parent } = createPair();
    for (const id of ['left', 'right'] as const) {
      expect(backends[id].last.request.prompt).toBe(id);
      backends[id].last.succeed();
      backends[id].lastStream.push('x');
      backends[id].lastStream.end();
      await settled();
    }
    expect(heard).toEqual(
      ['left', 'right'].flatMap((id) => [
        [`xstate.done.actor.${id}-ask`, `${id}-ask`],
        ['stream.chunk', `${id}-write`],
        ['stream.done', `${id}-write`],
      ]),
    );
    expect([left.getStats().successes, right.getStats().successes]).toEqual([2, 2]);
    expect(parent.getSnapshot().status).toBe('active');
  });

  it('end one by one', async () => {
    const { backends, clock, left, right, parent } = createPair();
    const other = ask(right);
    const stopped = left.stop({ graceMs: 0 });
    await clock.advance(0);
    await stopped;
    expect([left.isStopped, right.isStopped]).toEqual([true, false]);
    backends.right.last.succeed();
    await settled();
    expect(other.answer?.content).toBe('ok');
    parent.stop();
    await settled();
    expect(right.isStopped).toBe(true);
    expect(clock.pending).toBe(0);
    expect(fatal).toEqual([]);
  });
});
