import { expect, it } from 'vitest';
import type { Frame, LogLine, Mark, Sample } from '../../../src/inspector/protocol.ts';
import { apply, EMPTY, MAX_LOG_LINES, MAX_MARKS, MAX_SAMPLES, type View } from '../../../src/inspector/web/view.ts';

const after = (...frames: readonly Partial<Frame>[]): View =>
  frames.reduce<View>((view, frame) => apply(view, { full: false, at: 1, ...frame }), EMPTY);

const mark = (n: number): Mark => ({ n, at: n, kind: 'limit_ended', model: 'a' });
const line = (n: number): LogLine => ({ n, at: n, from: null, to: 'router', event: 'request' });
const sample = (at: number): Sample => ({
  model: 'a',
  at,
  depth: 0,
  breaker: 'closed',
  control: 'active',
  limited: false,
});
const router = { id: 'router', parent: null, kind: 'llm-router' } as const;
const started: Partial<Frame> = { full: true, since: 7, actors: [router], states: { router: 'running' } };

it('adds up the edges that fire, and says which were the last', () => {
  const view = after(started, { at: 2, taken: { router: { x: 2, y: 1 } } }, { at: 3, taken: { router: { x: 3 } } });

  expect(view.actors['router']).toMatchObject({ counts: { x: 5, y: 1 }, fired: { at: 3, edges: ['x'] } });
});

it('keeps the identity of what a frame does not tell of', () => {
  const before = after({ ...started, marks: [mark(1)], samples: [sample(1)] });
  const next = apply(before, { full: false, at: 2, log: [line(1)] });

  for (const part of ['actors', 'models', 'marks', 'samples', 'requests', 'router', 'traffic'] as const) {
    expect(next[part], part).toBe(before[part]);
  }
});

it('a full frame forgets actors and models, and keeps what has happened', () => {
  const view = after({ ...started, marks: [mark(1)], log: [line(1)], samples: [sample(1)] }, { full: true, since: 7 });

  expect(view.actors).toEqual({});
  expect(view).toMatchObject({ marks: [mark(1)], log: [line(1)], samples: { a: [sample(1)] } });
});

it('a full frame that tells again what is known adds only what is new', () => {
  const view = after(
    { ...started, marks: [mark(1), mark(2)], samples: [sample(1), sample(2)] },
    { full: true, since: 7, marks: [mark(1), mark(2), mark(3)], samples: [sample(1), sample(2), sample(3)] },
  );

  expect(view.marks).toEqual([mark(1), mark(2), mark(3)]);
  expect(view.samples['a']).toEqual([sample(1), sample(2), sample(3)]);
});

it('begins anew with another inspector, as after a restart of the router', () => {
  const view = after(
    { ...started, marks: [mark(1), mark(2)], log: [line(1)], dropped: 3 },
    { full: true, since: 8, marks: [mark(1)] },
  );

  expect(view).toMatchObject({ since: 8, marks: [mark(1)], log: [], dropped: 0, actors: {} });
});

it('keeps a bounded number of lines, marks and samples, the newest', () => {
  const upTo = <T>(count: number, make: (n: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index + 1));
  const view = after(
    { ...started, log: upTo(MAX_LOG_LINES, line), marks: upTo(MAX_MARKS, mark), samples: upTo(MAX_SAMPLES, sample) },
    { log: [line(MAX_LOG_LINES + 1)], marks: [mark(MAX_MARKS + 1)], samples: [sample(MAX_SAMPLES + 1)] },
  );

  expect([view.log.length, view.log[0]!.n]).toEqual([MAX_LOG_LINES, 2]);
  expect([view.marks.length, view.marks[0]!.n]).toEqual([MAX_MARKS, 2]);
  expect([view.samples['a']!.length, view.samples['a']![0]!.at]).toEqual([MAX_SAMPLES, 2]);
});

it('an actor that has stopped is gone, and its successor of the same name is another', () => {
  const view = after(
    { ...started, taken: { router: { x: 2 } } },
    { stopped: ['router'], actors: [router], states: { router: 'stopping' } },
  );

  expect(view.actors['router']).toMatchObject({ state: 'stopping', counts: {} });
});

it('a model that is gone is shown no more', () => {
  const view = after({ models: { a: {} as never, b: {} as never } }, { models: { a: null } });

  expect(Object.keys(view.models)).toEqual(['b']);
});
