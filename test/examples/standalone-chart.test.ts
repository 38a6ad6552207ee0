import { expect, it } from 'vitest';
import { standaloneChart } from '../../examples/standalone-chart.ts';

it('queues the second request and starts it when the first is answered', () => {
  const { waitingCount, after } = standaloneChart();
  expect(waitingCount).toBe(1);
  expect(after.value).toEqual({ breaker: 'forced_closed', queue: 'saturated', control: 'active' });
  expect(after.context.load).toMatchObject({
    waitingCount: 0,
    running: 1,
    calls: [{ slip: { id: 'r2' }, startedAt: 3 }],
  });
});
