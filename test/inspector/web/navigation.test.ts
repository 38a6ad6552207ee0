import { expect, it } from 'vitest';
import type { ModelFigures } from '../../../src/inspector/protocol.ts';
import { presentOf } from '../../../src/inspector/web/navigation.tsx';
import { EMPTY, type View } from '../../../src/inspector/web/view.ts';
import { figures } from './fleet/figures.ts';

const UNMOVED = { counts: {}, fired: { at: 0, edges: [] } };
const view = (gpu: ModelFigures): View => ({
  ...EMPTY,
  models: { gpu },
  actors: {
    cache: { ...UNMOVED, info: { id: 'cache', parent: 'router', kind: 'cache' }, state: 'warming' },
    router: { ...UNMOVED, info: { id: 'router', parent: null, kind: 'llm-router' }, state: { queue: 'open' } },
  },
});
const said = (gpu: ModelFigures): string | undefined => presentOf(view(gpu), 'model:gpu')?.word;

it('says the state of a breaker while nothing else holds', () => {
  expect(said(figures())).toBe('closed');
  expect(said(figures({ breaker: { state: 'half_open' } }))).toBe('half_open');
});

it.each(['paused', 'draining', 'drained'] as const)('says that a model is %s, whatever its breaker', (control) => {
  expect(said(figures({ control, breaker: { state: 'open' } }))).toBe(control);
});

it('says that a model is rate limited, in the colour of that', () => {
  expect(presentOf(view(figures({ limitedUntil: 5_000 })), 'model:gpu')).toEqual({
    state: 'limited',
    word: 'rate limited',
  });
});

it('says the only state of an actor that is no model’s, and nothing of one with several', () => {
  const { cache, router } = {
    cache: presentOf(view(figures()), 'cache'),
    router: presentOf(view(figures()), 'router'),
  };

  expect(cache).toEqual({ state: 'warming', word: 'warming' });
  expect(router).toBeNull();
});
