import { createCallers } from './callers.mjs';
import { createRealTime, reactions } from './clocks.mjs';
import { createDice } from './dice.mjs';
import { createFindings } from './findings.mjs';
import { createHeapWatch } from './heap.mjs';
import { watchActors } from './observer.mjs';
import { createPlaces } from './places.mjs';
import { createRequests } from './requests.mjs';
import { createTally } from './tally.mjs';
import { wrongOnTheWire } from './wire-answers.mjs';
import { startProvider } from './wire-connection.mjs';
import { endOfWire } from './wire-end.mjs';
import { isPrefilled, MODEL_NAMES, mayBeRefused } from './wire-faults.mjs';
import { addModels, ROUTER } from './wire-models.mjs';

const IN_FLIGHT = 200;
const MOST_AT_ONCE = 40;
/** What callers call a unit of time, in milliseconds. */
const UNIT = 3;
/** Every so many ticks all requests are looked for. */
const LOOK_EVERY = 4;
/** With fewer requests code and caches are still growing when a quarter of them is through. */
const WARM = 10_000;
/** Longer than any deadline. */
const SETTLED_WITHIN_MS = 20_000;
const HEARD = ['request.parked', 'request.displaced', 'rate_limit.began', 'result.stale', 'attempt.failed'];

/**
 * So many requests over real connections to a provider that does everything that providers do wrong; then the router is
 * stopped, and both are looked over.
 * @param product the built package, see `product.mjs`
 * @param fatal gives what would have brought the process down, or null
 * @returns the tally and the first violation, or null
 */
export async function runWire({ product, seed, total, fatal }) {
  const { LLMRouter, createRequest, viewOf, refusal, hasRoom, systemClock } = product;
  const time = createRealTime(systemClock);
  const findings = createFindings(time.now);
  const tally = createTally();
  const dice = (part) => createDice(seed, `wire/${part}`);
  const provider = await startProvider(seed);
  const router = new LLMRouter({ ...ROUTER, clock: time.forRouter, seed });
  const requests = createRequests({
    time,
    findings,
    tally,
    isStopping: () => router.isStopped,
    wrongWithAnswer: (answer, record, text) => wrongOnTheWire(seed, answer, record, text),
    mayBeRefused: ({ key }) => mayBeRefused(seed, key),
  });
  const impatience = dice('impatience');
  const actors = watchActors({
    router,
    time,
    findings,
    tally,
    onAccepted: requests.accepted,
    onRetrying(id, due) {
      requests.retrying(id, due);
      const record = requests.of(id);
      if (impatience.chance(0.1)) time.later(() => callers.abort(record), (due - time.now()) * impatience.roll());
    },
    onStarted(id) {
      const record = requests.of(id);
      if (record !== undefined) record.hasContent = true;
    },
  });
  const late = time.tolerance;
  const places = createPlaces({ router, viewOf, refusal, hasRoom, now: time.now, late, dueOf: requests.dueOf });
  const callers = createCallers({
    router,
    createRequest,
    dice: dice('callers'),
    time,
    unit: UNIT,
    requests,
    findings,
    tally,
    names: () => [...MODEL_NAMES, 'auto', 'priority:high', 'nobody'],
    readerTimeout: ROUTER.readerTimeoutMs / UNIT,
    ways: { generate: 45, stream: 45, message: 10 },
    isPrefilled: (key) => isPrefilled(seed, key),
    phaseOf({ id, hasContent }) {
      const [phase] = places.of(id).split(' at ');
      if (phase === 'nowhere') return 'settled';
      return phase === 'running' && hasContent ? 'streaming' : phase;
    },
  });
  addModels(router, provider.url);
  router.on('request.settled', requests.settledForListener);
  router.on('listener.failed', ({ error }) => findings.violation(`the soak's own listener threw ${error?.stack}`));
  router.on('breaker.changed', ({ from, to, cause }) => tally.add('breakers', `${from} → ${to} (${cause})`));
  for (const name of HEARD) router.on(name, () => tally.add('heard', name));
  router.actor.on('request.settled', requests.settledForRoot);

  const accepted = () => tally.get('requests', 'accepted');
  const heap = createHeapWatch(accepted, [0.25, 1]);
  const heapWrong = () => (total < WARM ? null : heap.wrong());
  let ticks = 0;
  async function tick() {
    await time.tick();
    await reactions();
    if (++ticks % LOOK_EVERY > 0) return;
    const pending = [...requests.unsettled].map(({ id }) => id);
    const wrong = fatal() ?? requests.wrongNow() ?? places.wrong(pending) ?? heapWrong();
    if (wrong !== null) findings.violation(wrong);
    if (router.actor.getSnapshot().status !== 'active') findings.violation('the router is not active any more');
  }
  const isWell = () => findings.first === null;

  let inFlight = 0;
  while (accepted() < total && isWell()) {
    await tick();
    const room = Math.min(IN_FLIGHT - requests.inFlight, total - accepted(), MOST_AT_ONCE);
    for (let count = 0; count < room; count++) callers.ask();
    inFlight += requests.inFlight;
    // The last time while as many are in flight as the time before.
    heap.look(accepted() / total);
  }
  tally.add('requests', 'in flight on average', Math.round(inFlight / ticks));
  const end = time.now() + SETTLED_WITHIN_MS;
  while (requests.open.size > 0 && time.now() < end && isWell()) await tick();
  if (isWell()) {
    const wrong = heapWrong() ?? (await endOfWire({ router, provider, time, requests, actors, tally }));
    if (wrong !== null) findings.violation(wrong);
  }
  callers.stop();
  actors.unsubscribe();
  await provider.stop();
  return { tally, heap: heap.figures(), first: findings.first };
}
