import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { graphOf } from '../../../src/inspector/chart/graph.ts';
import { mermaidOf } from '../../../src/inspector/chart/mermaid.ts';
import { MACHINES } from './support.ts';

it('Mermaid is told states, the initial and the final one, and what leads where', () => {
  expect(mermaidOf(graphOf(MACHINES.router)).split('\n')).toEqual([
    'stateDiagram-v2',
    '  %% 107 transitions without a target are left out.',
    '  state "running" as running',
    '  state "stopping" as stopping',
    '  state "stopped" as stopped',
    '  stopped --> [*]',
    '  [*] --> running',
    '  running --> stopping : stop',
    '  stopping --> stopped : end',
    '',
  ]);
});

it('Mermaid is told regions side by side', () => {
  const text = mermaidOf(graphOf(MACHINES.model));

  expect(text.match(/^ {2}--$/gm)).toHaveLength(2);
  expect(text).toContain('    state "any state" as queue_from_any_state');
  expect(text).toContain('    queue_from_any_state --> queue_blocked : breaker.opened');
});

it('what Mermaid would read as its own is written as numbers', () => {
  const text = mermaidOf(
    graphOf(createMachine({ id: 'm', initial: 'a', states: { a: { on: { 'x;"<b>:': 'b"c' } }, 'b"c': {} } })),
  );

  expect(text).toContain('a --> b_c : x#59;#34;#60;b#62;#58;');
  expect(text).toContain('state "b#34;c" as b_c');
});
