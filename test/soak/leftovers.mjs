/** What must be gone once `stop()` has resolved and everything that it caused has happened, and the sums that must add up. */
export function leftBehind({ router, time, requests, actors, operator, listeners, tally }) {
  const found = [];
  const expect = (what, actual, expected) => {
    if (actual !== expected) found.push(`${what}: ${actual}, expected ${expected}`);
  };
  expect('requests that somebody has not heard of', [...requests.open.keys()].join(' '), '');
  expect('requests in flight', requests.inFlight, 0);
  expect('timers of the clock', time.armed(), 0);
  expect('listeners on signals', requests.listenersLeft(), 0);
  expect('actors', actors.running().join(' '), '');
  expect('removals that nobody was told the end of', operator.removalsPending(), 0);
  const failedListeners = listeners.wrong();
  if (failedListeners !== null) found.push(failedListeners);

  const stats = router.getStats();
  const served = tally.get('outcomes', 'served');
  const cancelled = tally.get('outcomes', 'cancelled');
  const accepted = tally.get('requests', 'accepted');
  expect('settled requests', tally.sum('outcomes'), accepted);
  expect('totalRequests', stats.totalRequests, accepted);
  expect('successes', stats.successes, served);
  expect('cancelled', stats.cancelled, cancelled);
  expect('failures', stats.failures, accepted - served - cancelled);
  expect('successes + failures + cancelled', stats.successes + stats.failures + stats.cancelled, stats.totalRequests);
  for (const [priority, count] of Object.entries(stats.requestsByPriority)) {
    expect(`requestsByPriority.${priority}`, count, tally.get('classes', priority));
  }
  const byModel = Object.entries(stats.requestsByModel);
  expect(
    'requestsByModel in all',
    byModel.reduce((sum, [, count]) => sum + count, 0),
    served,
  );
  for (const [model, count] of byModel) expect(`requestsByModel.${model}`, count, tally.get('models', model));
  expect('successRate', stats.successRate, served / (accepted - cancelled));
  return found;
}
