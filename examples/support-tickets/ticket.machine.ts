import {
  generateLogic,
  type LLMRouter,
  LLMRouterError,
  type PriorityClass,
  type StreamLogicEvent,
  streamLogic,
} from 'llm-router';
import { assign, setup } from 'xstate';

export interface Ticket {
  readonly id: string;
  readonly text: string;
}

export interface TicketContext {
  readonly ticket: Ticket;
  readonly category: Category;
  /** Grows while it is being written. */
  readonly draft: string;
  /** Why it was escalated or has failed. */
  readonly reason: string | null;
}

type Category = 'outage' | 'billing' | 'question' | 'unknown';
const CATEGORIES: readonly Category[] = ['outage', 'billing', 'question'];

/** How long a customer waits before a person takes over, whatever the models are doing. */
const PATIENCE_MS = 20_000;

/** Deciding is quick and everything waits for it; an outage is written about before all else. */
const DECIDE: PriorityClass = 'high';
const writePriority = (category: Category): PriorityClass => (category === 'outage' ? 'critical' : 'normal');

const categoryOf = (answer: string): Category => CATEGORIES.find((known) => answer.includes(known)) ?? 'unknown';
const codeOf = (error: unknown): string => (error instanceof LLMRouterError ? error.code : 'unknown');

/**
 * One support ticket.
 *
 *   working { classifying ─▶ drafting ─▶ checking } ─▶ sent | escalated | failed
 *      └──(withdrawn, or out of patience)──▶ withdrawn | escalated
 *
 * Whatever model is being asked when `working` is left is told to stop.
 */
export function createTicketMachine(router: LLMRouter) {
  return setup({
    types: {
      input: {} as Ticket,
      context: {} as TicketContext,
      events: {} as StreamLogicEvent | { readonly type: 'ticket.withdrawn' },
    },
    actors: { ask: generateLogic(router), write: streamLogic(router) },
    actions: {
      fail: assign((_, { error }: { error: unknown }) => ({ reason: codeOf(error) })),
      escalate: assign((_, { reason }: { reason: string }) => ({ reason })),
    },
    delays: { patience: PATIENCE_MS },
  }).createMachine({
    id: 'ticket',
    context: ({ input }) => ({ ticket: input, category: 'unknown', draft: '', reason: null }),
    initial: 'working',
    states: {
      working: {
        initial: 'classifying',
        after: { patience: { target: 'escalated', actions: { type: 'escalate', params: { reason: 'too_slow' } } } },
        on: { 'ticket.withdrawn': 'withdrawn' },
        states: {
          classifying: {
            invoke: {
              src: 'ask',
              input: ({ context }) => ({
                prompt: `Classify as ${CATEGORIES.join(', ')}: ${context.ticket.text}`,
                model: 'judging',
                priority: DECIDE,
              }),
              onDone: {
                target: 'drafting',
                actions: assign({ category: ({ event }) => categoryOf(event.output.content) }),
              },
              onError: {
                target: '#ticket.failed',
                actions: { type: 'fail', params: ({ event }) => ({ error: event.error }) },
              },
            },
          },
          drafting: {
            entry: assign({ draft: '' }),
            invoke: {
              src: 'write',
              input: ({ context }) => ({
                prompt: `Answer this ${context.category} ticket: ${context.ticket.text}`,
                model: 'writing',
                priority: writePriority(context.category),
              }),
            },
            on: {
              'stream.chunk': {
                actions: assign({
                  draft: ({ context, event }) => context.draft + (event.chunk.type === 'text' ? event.chunk.text : ''),
                }),
              },
              'stream.done': 'checking',
              'stream.failed': {
                target: '#ticket.failed',
                actions: { type: 'fail', params: ({ event }) => ({ error: event.error }) },
              },
            },
          },
          checking: {
            invoke: {
              src: 'ask',
              input: ({ context }) => ({
                prompt: `May we send this, yes or no? ${context.draft}`,
                model: 'judging',
                priority: DECIDE,
              }),
              onDone: [
                { guard: ({ event }) => event.output.content.startsWith('yes'), target: '#ticket.sent' },
                { target: '#ticket.escalated', actions: { type: 'escalate', params: { reason: 'draft_refused' } } },
              ],
              onError: {
                target: '#ticket.failed',
                actions: { type: 'fail', params: ({ event }) => ({ error: event.error }) },
              },
            },
          },
        },
      },
      sent: { type: 'final' },
      escalated: { type: 'final' },
      failed: { type: 'final' },
      withdrawn: { type: 'final' },
    },
  });
}
