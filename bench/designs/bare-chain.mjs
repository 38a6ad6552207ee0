import { assign, createActor, emit, fromCallback, sendParent, sendTo, setup } from 'xstate';

/**
 * The floor of this architecture: router → model → slot → model → router, with slots that run one call at a time and
 * are used again, and nothing else: no breaker, no queue, no timer, no trace. It has as many slots as calls in flight.
 */
export function create({ backend, inFlight }) {
  const slots = Math.ceil(inFlight / 3) + 1;
  const slot = fromCallback(({ input, receive, sendBack }) => {
    receive(({ id, prompt }) => {
      backend(prompt).then((result) => sendBack({ type: 'call.succeeded', id, result, slot: input.slot }));
    });
  });
  const model = setup({
    actors: { slot },
    actions: {
      dispatch: sendTo(
        ({ context }) => context.slots[context.idle.slot],
        ({ event }) => ({ type: 'call.start', id: event.id, prompt: event.prompt }),
      ),
      occupy: assign(({ context }) => ({ idle: context.idle.next })),
      vacate: assign(({ context, event }) => ({ idle: { slot: event.slot, next: context.idle } })),
      report: sendParent(({ event }) => ({ type: 'model.succeeded', id: event.id, result: event.result })),
    },
  }).createMachine({
    context: ({ spawn }) => {
      let idle = null;
      for (let index = 0; index < slots; index++) idle = { slot: index, next: idle };
      return {
        idle,
        slots: Array.from({ length: slots }, (_, index) =>
          spawn('slot', { id: `slot:${index}`, input: { slot: index } }),
        ),
      };
    },
    initial: 'running',
    states: {
      running: {
        on: { request: { actions: ['dispatch', 'occupy'] }, 'call.succeeded': { actions: ['report', 'vacate'] } },
      },
    },
  });
  const router = setup({
    actors: { model },
    actions: {
      forward: sendTo(
        ({ context, event }) => context.models[event.id % 3],
        ({ event }) => event,
      ),
      settle: emit(({ event }) => ({ type: 'request.settled', id: event.id, result: event.result })),
    },
  }).createMachine({
    context: ({ spawn }) => ({ models: ['a', 'b', 'c'].map((name) => spawn('model', { id: name })) }),
    initial: 'running',
    states: { running: { on: { request: { actions: 'forward' }, 'model.succeeded': { actions: 'settle' } } } },
  });
  const actor = createActor(router);
  const pending = new Map();
  actor.on('request.settled', ({ id, result }) => {
    const resolve = pending.get(id);
    pending.delete(id);
    resolve(result);
  });
  actor.start();
  let next = 0;
  return {
    generate: (prompt) =>
      new Promise((resolve) => {
        const id = next++;
        pending.set(id, resolve);
        actor.send({ type: 'request', id, prompt });
      }),
    stop: () => actor.stop(),
  };
}
