// What must hold of a model and of the router after every event, whatever has happened. Each function looks at one
// snapshot and says in words what does not hold, or null.

/** @returns the entries of a queue's tree, counted one by one and not by the sizes it keeps */
export function entriesOf(tree, into = []) {
  if (tree === null) return into;
  entriesOf(tree.left, into);
  into.push(tree.value);
  return entriesOf(tree.right, into);
}

export const waitingIn = (waiting) => Object.values(waiting).flatMap((tree) => entriesOf(tree));
export const backingOffIn = ({ retries }) => waitingIn(retries.backingOff);

const isOpen = (breaker) => breaker === 'open' || breaker === 'forced_open';

/** Why nothing may start on it now, or null. */
function holdOf({ value, context }) {
  if (isOpen(value.breaker)) return 'blocked';
  if (value.breaker === 'half_open') return 'probing';
  return value.control === 'paused' || context.rateLimit.until !== null ? 'holding' : null;
}

function freeSlots(idle) {
  const slots = [];
  for (let free = idle; free !== null; free = free.next) slots.push(free.slot);
  return slots;
}

function slotsAddUp({ load, limits }) {
  const running = load.calls.filter((call) => call !== null).length;
  const free = freeSlots(load.idle);
  const { maxConcurrency } = limits;
  if (running !== load.running) return `${running} calls run, but running is ${load.running}`;
  if (running + free.length + load.lingering !== maxConcurrency) {
    return `running ${running} + free ${free.length} + lingering ${load.lingering} is not ${maxConcurrency}`;
  }
  if (new Set(free).size !== free.length) return `a slot is free twice: ${free}`;
  const busy = free.find((slot) => load.calls[slot] !== null);
  if (busy !== undefined) return `slot ${busy} is free and runs a call`;
  if (load.lingering < 0) return `lingering is ${load.lingering}`;
  const { runningLimit } = load;
  return runningLimit >= 1 && runningLimit <= maxConcurrency ? null : `runningLimit is ${runningLimit}`;
}

/** Waiting, backing off and running: each is one place, and together they are bounded. */
function placesAddUp({ load, limits }, waiting, backingOff) {
  const { count } = load.retries;
  if (waiting.length !== load.waitingCount) return `${waiting.length} wait, but waitingCount is ${load.waitingCount}`;
  if (backingOff.length !== count) return `${backingOff.length} back off, but their count is ${count}`;
  const depth = waiting.length + backingOff.length + load.running;
  if (depth > limits.maxQueueDepth) return `queueDepth ${depth} is above ${limits.maxQueueDepth}`;
  const running = load.calls.flatMap((call) => (call === null ? [] : [call.slip]));
  const ids = [...waiting, ...backingOff, ...running].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) return 'it holds a request twice';
  return retriesAddUp(load.retries, ids, backingOff);
}

/** What draws on the budget is here, once, and whatever backs off draws on it. */
function retriesAddUp({ ids: retried }, held, backingOff) {
  if (new Set(retried).size !== retried.length) return `it tries a request again twice: ${retried}`;
  const gone = retried.find((id) => !held.includes(id));
  if (gone !== undefined) return `${gone} draws on its budget of retries, but is not here`;
  const free = backingOff.find(({ id }) => !retried.includes(id));
  return free === undefined ? null : `${free.id} backs off, but draws on no budget`;
}

/** Whoever backs off goes on at once when the operator or the breaker lets nothing be sent. */
function mayBackOff({ breaker, control }, backingOff) {
  if (backingOff.length === 0) return null;
  if (isOpen(breaker) || breaker === 'half_open') return `${backingOff.length} back off while ${breaker}`;
  return control === 'active' ? null : `${backingOff.length} back off while ${control}`;
}

function probesAddUp({ breaker, load }, state) {
  const running = load.calls.filter(
    (call) => call?.permit.probe && call.permit.spent !== true && call.permit.generation === breaker.generation,
  ).length;
  if (running !== breaker.probes) return `${running} probes run, but probes is ${breaker.probes}`;
  if (state !== 'half_open') return running === 0 ? null : `${running} probes run while ${state}`;
  const most = breaker.options?.halfOpenMaxProbes ?? 0;
  return running <= most ? null : `${running} probes run, above ${most}`;
}

/** The queue's state says what the figures say, and nobody waits for what is there. */
function queueIsRight(snapshot, waiting, backingOff) {
  const { context, value } = snapshot;
  const { load, limits } = context;
  const mayStart = load.idle !== null && load.running < load.runningLimit;
  const hold = holdOf(snapshot);
  if (isOpen(value.breaker) || value.breaker === 'half_open') {
    if (waiting.length > 0) return `${waiting.length} wait while ${value.breaker}`;
  } else if (hold === null && waiting.length > 0 && mayStart) {
    return `not work-conserving: in ${value.queue} ${waiting.length} wait while a slot is free below the limit of ${load.runningLimit}`;
  }
  const isFull = waiting.length + backingOff.length + load.running >= limits.maxQueueDepth;
  const right = hold ?? (isFull ? 'full' : mayStart ? 'accepting' : 'saturated');
  return value.queue === right ? null : `its queue is ${value.queue} and should be ${right}`;
}

/** @param now the router's time, @param late how much later than due a timer may ring */
export function wrongWithModel(snapshot, now, late) {
  const { context, value } = snapshot;
  const waiting = waitingIn(context.load.waiting);
  const backingOff = backingOffIn(context.load);
  const wrong =
    slotsAddUp(context) ??
    placesAddUp(context, waiting, backingOff) ??
    mayBackOff(value, backingOff) ??
    probesAddUp(context, value.breaker) ??
    queueIsRight(snapshot, waiting, backingOff);
  if (wrong !== null) return wrong;
  const { until } = context.rateLimit;
  if (until !== null && until < now - late) return `its rate limit was over ${now - until} ms ago`;
  if (value.breaker === 'open' && context.breaker.openUntil < now - late) {
    return `its open time was over ${now - context.breaker.openUntil} ms ago`;
  }
  const { load } = context;
  const held = waiting.length + backingOff.length + load.running + load.lingering;
  if (value.control === 'drained' && held > 0) return 'drained, yet not empty';
  return null;
}

export function wrongWithRouter({ context }) {
  const parked = waitingIn(context.parked.all);
  if (parked.length !== context.parked.count)
    return `${parked.length} parked, but their count is ${context.parked.count}`;
  if (parked.length > context.maxParked) return `${parked.length} parked, above ${context.maxParked}`;
  const twice = Object.keys(context.models).find((name) => name in context.leaving);
  return twice === undefined ? null : `${twice} is there and leaving`;
}
