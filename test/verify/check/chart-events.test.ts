import { expect, it } from 'vitest';
import { modelMachine } from '../../../machines/model/model.machine.ts';
import { DEFAULT_BREAKER } from '../../../src/breaker/options.ts';
import { DEFAULT_BOOSTS } from '../../../src/queue/priority.ts';
import { eventsAt } from '../../../src/verify/check/chart-events.ts';
import { effectsRecorder } from '../../../src/verify/check/explore.ts';

const LIMITS = {
  maxConcurrency: 1,
  maxQueueDepth: 3,
  boosts: DEFAULT_BOOSTS,
  attemptTimeoutMs: null,
  abortGraceMs: 1_000,
};

/** The chart in its beginning, and what a request makes of it. */
function chart() {
  const { scope } = effectsRecorder<typeof modelMachine>();
  const start = modelMachine.getInitialSnapshot(scope, { name: 'm', breaker: DEFAULT_BREAKER, limits: LIMITS });
  const withRequest = (before: typeof start): typeof start =>
    modelMachine.transition(before, eventsAt(before, 0)[0]!, scope) as typeof start;
  return { start, withRequest };
}

it('what can happen in a state is the same whenever it is asked', () => {
  const { start, withRequest } = chart();

  for (const snapshot of [start, withRequest(start)]) expect(eventsAt(snapshot, 1)).toEqual(eventsAt(snapshot, 1));
});

it('a newcomer has the name of nobody that is held, and its place behind them', () => {
  const { start, withRequest } = chart();
  const snapshot = withRequest(withRequest(start));
  const held = eventsAt(snapshot, 0)
    .flatMap((event) => ('permit' in event ? event.slip : []))
    .slice(0, 1);
  const waiting = eventsAt(snapshot, 0).flatMap((event) => (event.type === 'request.cancel' ? event : []));

  const newcomers = eventsAt(snapshot, 0).flatMap((event) => (event.type === 'request' ? event.slip : []));

  expect([...held, ...waiting].map(({ id, seq }) => [id, seq])).toEqual([
    ['r1', 1],
    ['r2', 2],
  ]);
  for (const { id, seq } of newcomers) expect([id, seq]).toEqual(['r3', 3]);
});
