import { type AnyActorLogic, type AnyActorRef, createActor, createMachine, type EventObject } from 'xstate';

/** Runs a logic as a child and keeps what it sends to its parent. */
export function startUnderParent<Event extends EventObject>(logic: AnyActorLogic, input?: unknown) {
  const heard: Event[] = [];
  const parent = createActor(
    createMachine({
      context: ({ spawn }) => ({ child: spawn(logic, { input } as never) }),
      on: { '*': { actions: ({ event }) => heard.push(event as Event) } },
    }),
  ).start();
  const { child } = parent.getSnapshot().context as { readonly child: AnyActorRef };
  return { heard, send: (event: unknown) => child.send(event), stop: () => parent.stop() };
}
