import { expect, it } from 'vitest';
import type { ModelFigures } from '../../../../src/inspector/protocol.ts';
import { noticesOf } from '../../../../src/inspector/web/fleet/notices.ts';
import { figures, SWITCHED_OFF } from './figures.ts';

const said = (model: ModelFigures): string[] => noticesOf(model).map(({ text }) => text);

it('says nothing of a model at rest', () => {
  expect(noticesOf(figures())).toEqual([]);
});

it('counts down to half-open while a breaker is open', () => {
  expect(noticesOf(figures({ breaker: { state: 'open', until: 9_000, openForMs: 60_000 } }))).toEqual([
    { state: 'open', text: 'half-open in', until: 9_000 },
  ]);
});

it('tells the probes of a half-open breaker, and how near it is to closing', () => {
  expect(said(figures({ breaker: { state: 'half_open', probes: 1, successes: 2 } }))).toEqual([
    '2 of 3 good probes to close, 1/1 running',
  ]);
});

it('counts down a rate limit beside what else there is', () => {
  const notices = noticesOf(figures({ limitedUntil: 5_000, breaker: { state: 'open', until: 9_000, openForMs: 1 } }));

  expect(notices.map(({ until }) => until)).toEqual([5_000, 9_000]);
});

it('tells a breaker that an operator forced from one that is switched off', () => {
  expect(said(figures({ breaker: { state: 'forced_closed' } }))).toEqual(['by an operator']);
  expect(said(figures({ breaker: { state: 'forced_open' } }))).toEqual(['by an operator']);
  expect(said(figures({ breaker: SWITCHED_OFF }))).toEqual(['its breaker is switched off']);
});

it('tells failures that count against a closed breaker, and a limit on what may run', () => {
  expect(said(figures({ breaker: { failures: 3 }, runningLimit: 2 }))).toEqual(['failures 3 of 5', 'runs at most 2']);
  expect(said(figures({ breaker: { failures: 3, threshold: null } }))).toEqual(['failures 3']);
});
