import { createBackends } from './backends.mjs';
import { createCallers } from './callers.mjs';
import { reactions } from './clocks.mjs';
import { createDice } from './dice.mjs';
import { createFindings } from './findings.mjs';
import { createHeapWatch } from './heap.mjs';
import { leftBehind } from './leftovers.mjs';
import { addListeners } from './listeners.mjs';
import { breakerOf, MODEL_NAMES, RULES, SHARED_BREAKER } from './models.mjs';
import { watchActors } from './observer.mjs';
import { createOperator } from './operator.mjs';
import { createPlaces } from './places.mjs';
import { createRequests } from './requests.mjs';
import { createTally } from './tally.mjs';

const IN_FLIGHT = 200;
/** When everything fails at once, as many new requests are asked for before time moves on. */
const MOST_AT_ONCE = 12;

/**
 * One router under everything at once, until `progress()` says 1; then it is stopped and looked over.
 * @param product the built package, see `product.mjs`
 * @param time a source of time of `clocks.mjs`
 * @param unit what the soak calls a unit of time, in milliseconds
 * @param restlessness how often the operator acts, from 0 to 1
 * @param fatal gives what would have brought the process down, or null
 * @returns the tally and the first violation, or null
 */
export async function runPhase({ product, name, seed, time, unit, restlessness, progress, fatal }) {
  const { LLMRouter, BackendError, createRequest, viewOf, refusal, hasRoom } = product;
  const findings = createFindings(time.now);
  const tally = createTally();
  const dice = (part) => createDice(seed, `${name}/${part}`);
  const router = new LLMRouter({
    clock: time.forRouter,
    seed,
    breaker: breakerOf(SHARED_BREAKER, unit),
    timeoutMs: 3_000 * unit,
    retries: { maxRetries: 2, baseMs: 4 * unit, maxMs: 25 * unit },
    maxParked: 60,
    readerTimeoutMs: 30 * unit,
  });
  let forwarded = null;
  let isStopping = false;
  const requests = createRequests({ time, findings, tally, isStopping: () => isStopping });
  const actors = watchActors({
    router,
    time,
    findings,
    tally,
    onAccepted: requests.accepted,
    onForwarded: (id, model) => {
      forwarded ??= { id, model };
    },
    onRetrying: requests.retrying,
  });
  const names = () => [...MODEL_NAMES, 'extra-model-1', 'extra-1', 'auto', 'priority:high', 'nobody'];
  const common = { router, time, unit, requests, findings, tally };
  const callers = createCallers({ ...common, createRequest, dice: dice('callers'), names, readerTimeout: 30 });
  const backends = createBackends({ ...common, BackendError, dice: dice('backends'), callers });
  const operator = createOperator({ ...common, dice: dice('operator'), backends, callers });
  for (const model of MODEL_NAMES) operator.add(model);
  for (const [match, options] of RULES) router.addRoute(match, options);
  const listeners = addListeners({ ...common, dice: dice('listeners'), callers, operator });
  const places = createPlaces({
    router,
    viewOf,
    refusal,
    hasRoom,
    now: time.now,
    late: time.tolerance,
    dueOf: requests.dueOf,
  });
  const heap = createHeapWatch(() => tally.get('requests', 'accepted'));
  const pace = dice('pace');

  /** What explain says of a request is what then becomes of it. */
  function askAsExplained() {
    const options = callers.asking.options();
    let said = null;
    try {
      said = router.explain('hi', options);
    } catch (error) {
      if (!['model_unknown', 'request_invalid'].includes(error?.code)) findings.violation(`explain threw ${error}`);
    }
    forwarded = null;
    const mischief = listeners.mischief();
    const record = callers.ask(options);
    const isDisturbed = listeners.mischief() > mischief || record?.isAborted;
    if (record === null || said === null || isDisturbed || time.tolerance > 0) return;
    const went = forwarded?.id === record.id ? forwarded.model : null;
    if (went !== said.model) {
      findings.violation(`explain said that ${record.id} goes to ${said.model} (${said.outcome}), it went to ${went}`);
    }
    tally.add('explained', said.outcome);
  }

  function check() {
    const wrong =
      fatal() ?? requests.wrongNow() ?? places.wrong([...requests.unsettled].map(({ id }) => id)) ?? heap.wrong();
    if (wrong !== null) findings.violation(wrong);
    if (router.actor.getSnapshot().status !== 'active') findings.violation('the router is not active any more');
  }

  let ticks = 0;
  let inFlight = 0;
  while (progress() < 1 && findings.first === null) {
    await time.tick();
    check();
    heap.look(progress());
    if (pace.chance(restlessness)) operator.act();
    for (let count = 0; requests.inFlight < IN_FLIGHT && count < MOST_AT_ONCE; count++) {
      if (pace.chance(0.05)) askAsExplained();
      else callers.ask();
    }
    inFlight += requests.inFlight;
    ticks++;
    await reactions();
  }
  tally.add('requests', 'in flight on average', Math.round(inFlight / Math.max(1, ticks)));
  heap.look(1);
  if (findings.first === null) check();

  if (findings.first === null) {
    listeners.calm();
    await stopAndLook();
  }
  callers.stop();
  actors.unsubscribe();
  return { tally, heap: heap.figures(), first: findings.first };

  async function stopAndLook() {
    isStopping = true;
    const stopped = router.stop({ graceMs: 20 * unit });
    let isStopped = false;
    stopped.then(() => {
      isStopped = true;
    });
    const end = time.now() + 200 * unit;
    await reactions();
    while (!isStopped && time.now() < end && findings.first === null) {
      time.later(() => {}, unit);
      await time.tick();
    }
    if (time.armed() > 0) findings.violation(`after stop(): ${time.armed()} timers of the clock are armed`);
    // A slow reader hears of it when it wakes up.
    while (requests.open.size > 0 && time.now() < end && findings.first === null) await time.tick();
    if (!isStopped) findings.violation('stop() has not resolved');
    for (const what of leftBehind({ router, time, requests, actors, operator, listeners, tally })) {
      findings.violation(`after stop(): ${what}`);
    }
  }
}
