import { describe, expect, it } from 'vitest';
import { assign, emit, sendTo, setup } from 'xstate';
import { explore } from '../../../src/verify/check/explore.ts';

/** Counts up to three and back, and says so when it is at the top. */
const counter = setup({
  types: {
    context: {} as { readonly count: number },
    events: {} as { readonly type: 'up' } | { readonly type: 'down' },
    emitted: {} as { readonly type: 'top' },
  },
}).createMachine({
  context: { count: 0 },
  on: {
    up: [
      { guard: ({ context }) => context.count === 2, actions: [assign({ count: 3 }), emit({ type: 'top' })] },
      { guard: ({ context }) => context.count < 2, actions: assign({ count: ({ context }) => context.count + 1 }) },
    ],
    down: { guard: ({ context }) => context.count > 0, actions: assign({ count: ({ context }) => context.count - 1 }) },
  },
});

const options = {
  machine: counter,
  input: undefined as never,
  eventsAt: () => [{ type: 'up' }, { type: 'down' }] as const,
  keyOf: ({ context }: { readonly context: { readonly count: number } }) => `${context.count}`,
  maxStates: 100,
};

describe('explore', () => {
  it('takes every event in every state that can be reached', () => {
    const seen: string[] = [];

    const { states, transitions, isComplete } = explore({
      ...options,
      onStep: ({ before, event, after }) =>
        void seen.push(`${before.context.count} ${event.type} ${after.context.count}`),
    });

    expect({ states, transitions, isComplete }).toEqual({ states: 4, transitions: 8, isComplete: true });
    expect(seen).toEqual([
      ...['0 up 1', '0 down 0', '1 up 2', '1 down 0'],
      ...['2 up 3', '2 down 1', '3 up 3', '3 down 2'],
    ]);
  });

  it('tells a shortest way to each state', () => {
    const tops: unknown[] = [];
    const { pathTo } = explore({
      ...options,
      onStep: ({ before, effects }) => {
        if (effects.emitted.length > 0) tops.push(before);
      },
    });

    expect(tops).toHaveLength(1);
    expect(pathTo(tops[0] as never)).toEqual([{ type: 'up' }, { type: 'up' }]);
  });

  it('says when it has left states out', () => {
    const { states, isComplete } = explore({ ...options, maxStates: 2 });

    expect({ states, isComplete }).toEqual({ states: 2, isComplete: false });
  });

  it('records what a step sends, and delivers nothing', () => {
    const teller = setup({
      types: { events: {} as { readonly type: 'tell' } | { readonly type: 'told' } },
    }).createMachine({
      on: { tell: { actions: sendTo(({ self }) => self, { type: 'told' }) } },
    });
    const sent: unknown[] = [];

    const { transitions } = explore({
      machine: teller,
      input: undefined as never,
      eventsAt: () => [{ type: 'tell' }] as const,
      keyOf: () => 'only',
      maxStates: 10,
      onStep: ({ effects }) => void sent.push(...effects.sent),
    });

    expect(transitions).toBe(1);
    expect(sent).toEqual([{ to: null, event: { type: 'told' } }]);
  });
});
