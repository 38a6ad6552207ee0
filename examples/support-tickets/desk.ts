import { type Clock, type LLMRouter, systemClock } from 'llm-router';
import { createActor } from 'xstate';
import { createTicketMachine, type Ticket, type TicketContext } from './ticket.machine.ts';

export interface Handled extends TicketContext {
  readonly outcome: string;
}

export interface TicketInWork {
  readonly handled: Promise<Handled>;
  withdraw(): void;
  /** What is written of the answer so far. */
  readonly draft: string;
}

/** Takes a ticket in and tells of each step. The machine's clock is the router's. */
export function takeIn(
  router: LLMRouter,
  ticket: Ticket,
  tell: (line: string) => void,
  clock: Clock = systemClock,
): TicketInWork {
  const actor = createActor(createTicketMachine(router), { clock, input: ticket });
  let step: string | undefined;
  const handled = new Promise<Handled>((resolve, reject) => {
    actor.subscribe({
      next({ value }) {
        const now = typeof value === 'string' ? value : value.working;
        if (now === step) return;
        step = now;
        tell(`${ticket.id} ${now}`);
      },
      complete() {
        const { value, context } = actor.getSnapshot();
        resolve({ ...context, outcome: value as string });
      },
      error: reject,
    });
  });
  actor.start();
  return {
    handled,
    withdraw: () => actor.send({ type: 'ticket.withdrawn' }),
    get draft() {
      return actor.getSnapshot().context.draft;
    },
  };
}
