import { expect, it } from 'vitest';
import { COMMANDS, type Command, type ModelFigures } from '../../../../src/inspector/protocol.ts';
import { offersOf } from '../../../../src/inspector/web/controls/commands.ts';
import { figures, SWITCHED_OFF } from '../fleet/figures.ts';

const enabled = (model: ModelFigures): Command[] =>
  offersOf(model)
    .filter(({ whyNot }) => whyNot === null)
    .map(({ command }) => command);

const offer = (command: Command, model: ModelFigures) =>
  offersOf(model).find((candidate) => candidate.command === command)!;

it('offers every command there is, once', () => {
  expect(
    offersOf(figures())
      .map(({ command }) => command)
      .sort(),
  ).toEqual([...COMMANDS].sort());
});

it('offers a model at rest neither a reset nor to be resumed', () => {
  expect(enabled(figures())).toEqual(['force_open', 'force_closed', 'pause', 'drain']);
});

it.each([
  ['is open', figures({ breaker: { state: 'open' } })],
  ['is half-open', figures({ breaker: { state: 'half_open' } })],
  ['is forced open', figures({ breaker: { state: 'forced_open' } })],
  ['is forced closed', figures({ breaker: { state: 'forced_closed' } })],
  ['has failures that count', figures({ breaker: { failures: 1 } })],
  ['has openings that lengthen the next one', figures({ breaker: { opens: 1 } })],
  ['is rate limited', figures({ limitedUntil: 5_000 })],
  ['starts slowly', figures({ runningLimit: 1 })],
  ['is switched off but rate limited', figures({ breaker: SWITCHED_OFF, limitedUntil: 5_000 })],
])('offers a reset when the breaker %s', (_, model) => {
  expect(enabled(model)).toContain('reset');
});

it('offers no breaker that is switched off to be reset or forced closed', () => {
  const off = figures({ breaker: SWITCHED_OFF });

  expect(enabled(off)).toEqual(['force_open', 'pause', 'drain']);
  expect(offer('force_closed', off).whyNot).toContain('switched off');
});

it('offers nothing that is so already', () => {
  expect(enabled(figures({ breaker: { state: 'forced_open' } }))).not.toContain('force_open');
  expect(enabled(figures({ breaker: { state: 'forced_closed' } }))).not.toContain('force_closed');
  expect(enabled(figures({ control: 'paused' }))).not.toContain('pause');
  expect(enabled(figures({ control: 'draining' }))).not.toContain('drain');
  expect(enabled(figures({ control: 'drained' }))).not.toContain('drain');
});

it('offers what is paused, draining or drained to be resumed', () => {
  for (const control of ['paused', 'draining', 'drained'] as const) {
    expect(enabled(figures({ control }))).toContain('resume');
  }
});

it('tells with the figures of now what becomes of what waits and runs', () => {
  const busy = figures({ waiting: { critical: 1, high: 0, normal: 2, low: 0 }, backingOff: 1, running: 1 });

  expect(offer('force_open', busy).consequence).toContain(
    '4 waiting requests will leave its queue at once, for other models where there are any. 1 call in progress will be finished.',
  );
  expect(offer('pause', busy).consequence).toContain('3 waiting requests will stay in its queue.');
  expect(offer('drain', busy).consequence).toContain('3 waiting requests will still be served by it.');
});

it('says so when nothing waits or runs', () => {
  expect(offer('force_open', figures()).consequence).toContain('Nothing waits for it now. Nothing runs on it now.');
});
