import type { CallEvent, ModelEvent } from '../../machines/events.ts';
import type { ModelContext } from '../../machines/model/context.ts';
import { viewOf } from '../../machines/model/view.ts';
import { isCurrent } from '../../src/breaker/permit.ts';
import { isLowerClass } from '../../src/queue/priority.ts';
import { isServedBefore } from '../../src/queue/waiting.ts';
import { refusal, waitsOutLimit } from '../../src/routing/admission.ts';
import type { SkipReason, Slip } from '../../src/routing/slip.ts';
import {
  backsOff,
  idleSlots,
  lingeringSlots,
  type ModelSnapshot,
  placedSlips,
  runningSlips,
  type Step,
  waitingSlips,
} from './exploration.ts';

type StatePredicate = (snapshot: ModelSnapshot) => boolean;
type StepPredicate = (step: Step) => boolean;

const provesHealth = (event: ModelEvent): event is CallEvent & { readonly provesHealth: true } =>
  event.type === 'call.ignored' && event.provesHealth === true;
const isHeld = ({ value, context }: ModelSnapshot): boolean =>
  value.control === 'paused' || context.rateLimit.until !== null;
const hasFreeSlot = ({ load }: ModelContext): boolean => load.idle !== null && load.running < load.runningLimit;
const isOpen = ({ value }: ModelSnapshot): boolean => value.breaker === 'open' || value.breaker === 'forced_open';
const isClosed = ({ value }: ModelSnapshot): boolean => value.breaker === 'closed' || value.breaker === 'forced_closed';
const held = (context: ModelContext): string[] => {
  const ids: string[] = [];
  for (const { id } of runningSlips(context)) ids.push(id);
  for (const { id } of placedSlips(context)) ids.push(id);
  return ids;
};
const isCall = (event: { type: string }): event is CallEvent => event.type.startsWith('call.');
const depth = (context: ModelContext): number => runningSlips(context).length + placedSlips(context).length;
const currentProbes = ({ load, breaker }: ModelContext): number =>
  load.calls.filter((call) => call?.permit.probe && isCurrent(call.permit, breaker.generation)).length;
const sameElements = (a: readonly string[], b: readonly string[]): boolean => {
  if (a.length !== b.length) return false;
  let begin = 0;
  // In the same order, as a rule; what is left then is looked for one by one.
  while (begin < a.length && a[begin] === b[begin]) begin++;
  const rest = b.slice(begin);
  for (const element of a.slice(begin)) {
    const index = rest.indexOf(element);
    if (index < 0) return false;
    rest.splice(index, 1);
  }
  return true;
};
const givenUpIn = ({ effects }: Step) => effects.told.filter(({ command }) => command.type === 'call.give_up');
const breakerMemory = ({ breaker: { generation, failures, successes, probes } }: ModelContext) =>
  JSON.stringify([generation, failures, successes, probes]);
const timeOf = ({ before, event }: Step): number => ('at' in event ? event.at : before.context.breaker.openUntil);

/** Whether the call that has ended is tried again, as far as the predicates can tell without asking the chart. */
function isTriedAgain({ before, event, after }: Step): boolean {
  if (event.type !== 'call.failed' || event.lingers) return false;
  const { slip } = event;
  const isInTime = slip.deadline > event.at;
  const takes = isClosed(before) && !isOpen(after) && !isHeld(before) && before.value.control === 'active';
  return slip.attempts.length < slip.terms.maxRetries && before.context.limits.backoff !== null && isInTime && takes;
}

/** What holds in every state at rest. */
export const STATE_PREDICATES: Readonly<Record<string, StatePredicate>> = {
  'the chart is alive': ({ status }) => status === 'active',
  'advancing and starting are over within their step': ({ value }) =>
    value.queue !== 'advancing' && value.breaker !== 'starting',
  'running counts the calls': ({ context }) => context.load.running === runningSlips(context).length,
  'waiting counts the queue': ({ context }) => context.load.waitingCount === waitingSlips(context).length,
  'running and lingering are within maxConcurrency': ({ context }) =>
    context.load.running + context.load.lingering <= context.limits.maxConcurrency && context.load.lingering >= 0,
  'every slot is idle, busy or lingering': ({ context }) => {
    const idle = idleSlots(context);
    const isDistinct = new Set(idle).size === idle.length && idle.every((slot) => context.load.calls[slot] === null);
    return isDistinct && lingeringSlots(context).length === context.load.lingering;
  },
  'waiting, backing off and running are within maxQueueDepth': ({ context }) =>
    depth(context) <= context.limits.maxQueueDepth,
  'backing off counts those that do, and each of them is tried again': ({ context }) => {
    const ids = placedSlips(context).flatMap((slip) => (backsOff(context, slip) ? [slip.id] : []));
    const { count, ids: retried } = context.load.retries;
    return count === ids.length && ids.every((id) => retried.includes(id));
  },
  'what is tried again is held, and has failed here': ({ context }) => {
    const slips = [...runningSlips(context), ...placedSlips(context)];
    return context.load.retries.ids.every((id) => slips.some((slip) => slip.id === id && slip.attempts.length > 0));
  },
  'nothing backs off unless the breaker lets through and the operator lets it work': (snapshot) =>
    snapshot.context.load.retries.count === 0 || (isClosed(snapshot) && snapshot.value.control === 'active'),
  'work-conserving: nothing waits while a slot is free below the running limit and nothing holds it': (snapshot) =>
    !isClosed(snapshot) ||
    isHeld(snapshot) ||
    !hasFreeSlot(snapshot.context) ||
    snapshot.context.load.waitingCount === 0,
  'nothing waits without a call that will end, a limit that will end or an operator': (snapshot) =>
    snapshot.context.load.waitingCount === 0 ||
    snapshot.context.load.running + snapshot.context.load.lingering > 0 ||
    isHeld(snapshot),
  'nothing waits unless the breaker lets through': (snapshot) =>
    isClosed(snapshot) || snapshot.context.load.waitingCount === 0,
  'blocked while open, probing while half-open, holding while paused or limited': (snapshot) => {
    const { value } = snapshot;
    return (
      (value.queue === 'blocked') === isOpen(snapshot) &&
      (value.queue === 'probing') === (value.breaker === 'half_open') &&
      (value.queue === 'holding') === (isClosed(snapshot) && isHeld(snapshot))
    );
  },
  'full means that every place is taken': (snapshot) =>
    !isClosed(snapshot) ||
    isHeld(snapshot) ||
    (snapshot.value.queue === 'full') === (depth(snapshot.context) === snapshot.context.limits.maxQueueDepth),
  'accepting means that a slot is free': (snapshot) =>
    !isClosed(snapshot) ||
    isHeld(snapshot) ||
    snapshot.value.queue === 'full' ||
    (snapshot.value.queue === 'accepting') === hasFreeSlot(snapshot.context),
  'the running limit is between one and maxConcurrency': ({ context: { load, limits } }) =>
    load.runningLimit >= 1 && load.runningLimit <= limits.maxConcurrency,
  'probes counts the probes in flight, within halfOpenMaxProbes': ({ context, value }) =>
    value.breaker === 'half_open'
      ? context.breaker.probes === currentProbes(context) &&
        context.breaker.probes <= context.breaker.options!.halfOpenMaxProbes
      : context.breaker.probes === 0,
  'failures are counted only while closed, below the threshold': ({ context, value }) =>
    value.breaker === 'closed'
      ? context.breaker.failures < context.breaker.options!.failureThreshold
      : context.breaker.failures === 0,
  'successes are counted only while half-open, below the threshold': ({ context, value }) =>
    value.breaker === 'half_open'
      ? context.breaker.successes < context.breaker.options!.successThreshold
      : context.breaker.successes === 0,
  'a breaker that is switched off is forced, and forced closed judges nothing': ({ context, value }) =>
    (context.breaker.options !== null || value.breaker === 'forced_closed' || value.breaker === 'forced_open') &&
    (value.breaker === 'forced_closed' || !context.breaker.isForcedClosed),
  'drained only when nothing is left, draining only when something is': ({ context, value }) => {
    const isEmpty = depth(context) === 0 && context.load.lingering === 0;
    const isDraining = value.control === 'draining' || value.control === 'drained';
    return !isDraining || (value.control === 'drained') === isEmpty;
  },
};

/** What holds for every step from one state to the next. */
export const STEP_PREDICATES: Readonly<Record<string, StepPredicate>> = {
  'every request is held or reported exactly once': ({ before, event, after, effects }) => {
    const had = held(before.context);
    if (event.type === 'request') had.push(event.slip.id);
    const has = held(after.context);
    for (const report of effects.reports) {
      const isOver = 'slip' in report && report.type !== 'model.started' && report.type !== 'model.retrying';
      if (isOver) has.push(report.slip.id);
    }
    return sameElements(had, has);
  },
  'a call starts exactly where the context says so': (step) => {
    const { before, event, after } = step;
    const { starts } = step.effects;
    const was = before.context.load.calls;
    let begun = 0;
    for (const [slot, call] of after.context.load.calls.entries()) {
      if (call === null || call.slip.id === was[slot]?.slip.id) continue;
      if (!starts.some(({ slot: told, command }) => told === slot && command.slip.id === call.slip.id)) return false;
      begun++;
    }
    const isStill = (slot: number): boolean => was[slot] !== null && !(isCall(event) && event.slot === slot);
    return begun === starts.length && starts.every(({ slot }) => !isStill(slot));
  },
  'a call starts with the permit and the time that the context holds': (step) =>
    step.effects.starts.every(({ slot, command }) => {
      const call = step.after.context.load.calls[slot]!;
      return (
        call.permit.generation === command.permit.generation &&
        call.permit.probe === command.permit.probe &&
        call.startedAt === timeOf(step) &&
        (command.probeTimeoutMs !== null) === command.permit.probe
      );
    }),
  'a permit is a probe exactly while half-open': (step) =>
    step.effects.starts.every(
      ({ command }) =>
        command.permit.probe === (step.after.value.breaker === 'half_open') &&
        command.permit.generation === step.after.context.breaker.generation,
    ),
  'nothing that has waited starts after its deadline': (step) =>
    step.effects.starts.every(({ command }) => {
      const hasWaited = !(step.event.type === 'request' && step.event.slip.id === command.slip.id);
      return !hasWaited || command.slip.deadline > timeOf(step);
    }),
  'nothing starts in the step that opens the breaker': (step) =>
    !isOpen(step.after) || isOpen(step.before) || step.effects.starts.length === 0,
  'nothing starts while paused, limited or open': (step) =>
    !(isHeld(step.after) || isOpen(step.after)) || step.effects.starts.length === 0,
  'what starts from the queue is what is served first': (step) => {
    if (step.effects.starts.length === 0) return true;
    const waited = waitingSlips(step.before.context).filter(({ deadline }) => deadline > timeOf(step));
    const started = step.effects.starts
      .map(({ command }) => command.slip.id)
      .filter((id) => waited.some((slip) => slip.id === id));
    return JSON.stringify(started) === JSON.stringify(waited.slice(0, started.length).map(({ id }) => id));
  },
  'a result of an earlier generation moves no breaker': ({ before, event, after }) =>
    !isCall(event) ||
    isCurrent(event.permit, before.context.breaker.generation) ||
    breakerMemory(before.context) === breakerMemory(after.context),
  'a result of an earlier generation is announced as stale': ({ before, event, effects }) => {
    const isStale =
      isCall(event) &&
      before.context.breaker.options !== null &&
      before.value.breaker !== 'forced_closed' &&
      !isCurrent(event.permit, before.context.breaker.generation) &&
      !(event.permit.spent === true && (event.type === 'call.succeeded' || provesHealth(event)));
    return isStale === effects.emitted.some(({ type }) => type === 'result.stale');
  },
  'what is nobody’s fault moves no count': ({ before, event, after }) =>
    !(event.type === 'call.ignored' || event.type === 'call.cancelled' || event.type === 'call.rate_limited') ||
    provesHealth(event) ||
    (before.context.breaker.failures === after.context.breaker.failures &&
      before.context.breaker.successes === after.context.breaker.successes &&
      before.value.breaker === after.value.breaker),
  'a current failure counts': ({ before, event, after }) => {
    if (event.type !== 'call.failed' || !isCurrent(event.permit, before.context.breaker.generation)) return true;
    if (before.value.breaker === 'forced_closed') return after.context.breaker.failures === 0;
    if (before.value.breaker === 'half_open') return after.value.breaker === 'open';
    const failures = before.context.breaker.failures + 1;
    return failures >= before.context.breaker.options!.failureThreshold
      ? after.value.breaker === 'open'
      : after.context.breaker.failures === failures;
  },
  'a current success counts': ({ before, event, after }) => {
    const isSuccess = event.type === 'call.succeeded' || event.type === 'probe.proved' || provesHealth(event);
    if (!isSuccess || !isCurrent(event.permit, before.context.breaker.generation)) return true;
    if (before.value.breaker !== 'half_open') return after.context.breaker.failures === 0;
    const successes = before.context.breaker.successes + 1;
    return successes >= before.context.breaker.options!.successThreshold
      ? after.value.breaker === 'closed'
      : after.context.breaker.successes === successes &&
          after.context.breaker.probes === before.context.breaker.probes - 1;
  },
  'a new generation begins exactly when the breaker changes or is configured': ({ before, event, after }) => {
    const grown = after.context.breaker.generation - before.context.breaker.generation;
    const hasChanged = before.value.breaker !== after.value.breaker || event.type === 'breaker.configure';
    const isCleared = event.type === 'breaker.reset' && before.value.breaker === 'closed';
    return grown === (hasChanged || isCleared ? 1 : 0);
  },
  'a change of the breaker is announced once, with its states': ({ before, after, effects }) => {
    const changes = effects.emitted.filter(({ type }) => type === 'breaker.changed');
    const hasChanged = before.value.breaker !== after.value.breaker;
    if (!hasChanged) return changes.length === 0;
    const [change] = changes;
    return (
      changes.length === 1 &&
      change?.type === 'breaker.changed' &&
      change.from === before.value.breaker &&
      change.to === after.value.breaker
    );
  },
  'the router hears until when a breaker has opened, unless an operator has forced it': (step) => {
    const { before, after, effects } = step;
    const opened = effects.reports.filter(({ type }) => type === 'model.opened');
    const { generation, openUntil } = after.context.breaker;
    const hasOpened = after.value.breaker === 'open' && generation !== before.context.breaker.generation;
    if (!hasOpened) return opened.length === 0;
    return opened.length === 1 && opened[0]!.type === 'model.opened' && opened[0]!.until === openUntil;
  },
  'opening lasts at least the recovery time, doubled with each opening': ({ before, event, after }) => {
    if (after.value.breaker !== 'open' || before.value.breaker === 'open') return true;
    const { openUntil, opens, options } = after.context.breaker;
    const at = (event as CallEvent).at;
    const base = Math.min(options!.recoveryTimeoutMs * 2 ** (opens - 1), options!.maxOpenMs);
    return openUntil - at >= base && openUntil - at <= base * (1 + options!.openJitter);
  },
  'an opening after a failed probe counts on': ({ before, after }) =>
    before.value.breaker !== 'half_open' ||
    after.value.breaker !== 'open' ||
    after.context.breaker.opens === before.context.breaker.opens + 1,
  'new options forget the past': ({ event, after }) =>
    event.type !== 'breaker.configure' ||
    (after.context.breaker.opens === 0 && after.context.breaker.options === event.breaker),
  'what waits goes back as circuit_open, in serving order, when the breaker opens': (step) => {
    if (!isOpen(step.after) || isOpen(step.before)) return true;
    const returned = step.effects.returns.map(({ slip, reason }) => `${slip.id} ${reason}`);
    return (
      JSON.stringify(returned) ===
      JSON.stringify(placedSlips(step.before.context).map(({ id }) => `${id} circuit_open`))
    );
  },
  'a newcomer goes back only for a reason that holds': (step) => {
    const { before, event } = step;
    if (event.type !== 'request') return true;
    const back = step.effects.returns.find(({ slip }) => slip.id === event.slip.id);
    const { context, value } = before;
    const hasProbe =
      context.load.idle !== null && context.breaker.probes < (context.breaker.options?.halfOpenMaxProbes ?? 0);
    const waitsOut = event.waitsOutLimit === true && isClosed(before);
    const reasons: [boolean, SkipReason][] = [
      [value.control === 'paused', 'paused'],
      [value.control !== 'active', 'draining'],
      [isOpen(before), 'circuit_open'],
      [value.breaker === 'half_open' && !hasProbe, 'half_open'],
      [context.rateLimit.until !== null && !waitsOut, 'rate_limited'],
      [
        isClosed(before) && depth(context) >= context.limits.maxQueueDepth && !mayDisplace(context, event.slip),
        'queue_full',
      ],
    ];
    const expected = reasons.find(([holds]) => holds)?.[1];
    return back?.reason === expected;
  },
  'selection and the chart agree on every request: else one would send it for ever and the other give it back': (
    step,
  ) => {
    const { before, event } = step;
    if (event.type !== 'request') return true;
    const view = viewOf(before);
    const back = step.effects.returns.find(({ slip }) => slip.id === event.slip.id)?.reason;
    if (event.waitsOutLimit === true && before.context.rateLimit.until !== null) {
      return (back === undefined) === (waitsOutLimit(view, event.slip) && isClosed(before));
    }
    const refused = refusal(view, event.slip, event.at)?.reason;
    return refused === 'deadline_unreachable' || back === refused;
  },
  'who goes back for the breaker is told when to come again': (step) =>
    step.effects.returns.every(({ reason, retryAfterMs, at }) => {
      const { breaker, rateLimit } = step.after.context;
      if (reason === 'circuit_open') {
        const ms = breaker.openUntil - at;
        return Number.isFinite(ms) ? retryAfterMs === Math.max(0, ms) : retryAfterMs === undefined;
      }
      if (reason === 'rate_limited') return retryAfterMs === Math.max(0, rateLimit.until! - at);
      return reason !== 'half_open' || (retryAfterMs !== undefined && retryAfterMs >= 1_000);
    }),
  'only the last to be served is displaced, by a higher class that is served before it': (step) => {
    const displaced = step.effects.returns.filter(({ reason }) => reason === 'displaced');
    const announced = step.effects.emitted.filter(({ type }) => type === 'request.displaced');
    if (displaced.length !== announced.length) return false;
    return displaced.every(({ slip }) => {
      const newcomer = (step.event as { slip: Slip }).slip;
      const { boosts } = step.before.context.limits;
      return (
        slip.id === placedSlips(step.before.context).at(-1)?.id &&
        isLowerClass(slip.class, newcomer.class) &&
        isServedBefore(newcomer, slip, boosts)
      );
    });
  },
  'a call that ends is reported with its attempt': (step) => {
    const { before, event, effects } = step;
    if (!isCall(event)) return true;
    const report = effects.reports.find((candidate) => 'slip' in candidate && candidate.slip.id === event.slip.id);
    if (report === undefined || !('slip' in report)) return false;
    const attempt = report.slip.attempts.at(-1);
    return (
      report.type === (isTriedAgain(step) ? 'model.retrying' : event.type.replace('call.', 'model.')) &&
      attempt?.startedAt === before.context.load.calls[event.slot]!.startedAt &&
      attempt.ms === event.at - attempt.startedAt
    );
  },
  'a cancelled request leaves the queue, or its call is told to stop': ({ before, event, after, effects }) => {
    if (event.type !== 'request.cancel') return true;
    const waited = placedSlips(before.context).some(({ id }) => id === event.id);
    const ran = runningSlips(before.context).some(({ id }) => id === event.id);
    const told = effects.told.filter(({ command }) => command.type === 'call.cancel');
    const reported = effects.reports.filter((report) => 'slip' in report);
    if (waited) return reported.length === 1 && !held(after.context).includes(event.id);
    if (ran) return told.length === 1 && (told[0]!.command as { id: string }).id === event.id;
    return effects.reports.length === 0 && effects.told.length === 0;
  },
  'what backs off has no call, its place, and its attempt written down': (step) => {
    if (!isTriedAgain(step)) return true;
    const { before, event, after } = step;
    const slip = placedSlips(after.context).find(({ id }) => id === (event as CallEvent).slip.id);
    return (
      slip !== undefined &&
      backsOff(after.context, slip) &&
      slip.attempts.length === (event as CallEvent).slip.attempts.length + 1 &&
      depth(after.context) === depth(before.context) - step.effects.returns.length
    );
  },
  'what backs off is tried again when it is told so, and not before': (step) => {
    const { before, event, after } = step;
    const wasBackingOff = placedSlips(before.context).filter((slip) => backsOff(before.context, slip));
    const stays = wasBackingOff.filter((slip) => held(after.context).includes(slip.id));
    return stays.every(
      (slip) => backsOff(after.context, slip) === !(event.type === 'retry.due' && event.id === slip.id),
    );
  },
  'what backs off goes on when its model is paused or drained': (step) => {
    const { before, event } = step;
    if (event.type !== 'pause' && event.type !== 'drain') return true;
    const reason = event.type === 'pause' ? 'paused' : 'draining';
    const backing = placedSlips(before.context).filter((slip) => backsOff(before.context, slip));
    return (
      JSON.stringify(step.effects.returns.flatMap(({ slip, reason: why }) => (why === reason ? [slip.id] : []))) ===
      JSON.stringify(backing.map(({ id }) => id))
    );
  },
  'silent calls open a closed breaker when as many as failures would have begun since any call showed life': (step) => {
    const { before, event, after } = step;
    if (event.type !== 'silence.noticed') return true;
    const { calls } = before.context.load;
    const silent = calls.filter(
      (call, slot) =>
        call !== null &&
        (call.isSilent === true || slot === event.slot) &&
        isCurrent(call.permit, before.context.breaker.generation) &&
        call.startedAt >= event.lastSignAt,
    );
    const trips =
      before.value.breaker === 'closed' && silent.length >= before.context.breaker.options!.failureThreshold;
    return trips
      ? after.value.breaker === 'open' && givenUpIn(step).length === runningSlips(before.context).length
      : after.value.breaker === before.value.breaker && givenUpIn(step).length === 0;
  },
  'no call is given up but for silence': (step) =>
    step.event.type === 'silence.noticed' || givenUpIn(step).length === 0,
  'a slot that is freed is free': ({ before, event, after }) =>
    event.type !== 'slot.freed' || after.context.load.lingering === before.context.load.lingering - 1,
  'a backend that lingers keeps its slot': ({ before, event, after }) =>
    !isCall(event) || after.context.load.lingering === before.context.load.lingering + (event.lingers ? 1 : 0),
  'a first content is passed on': ({ event, effects }) =>
    (event.type === 'stream.started') === effects.reports.some(({ type }) => type === 'model.started'),
  'a proven probe counts once': ({ event, after }) =>
    event.type !== 'probe.proved' || after.context.load.calls[event.slot]?.permit.spent === true,
  'release gives back all that waits and no more': (step) => {
    if (step.event.type !== 'release') return true;
    const waited = placedSlips(step.before.context).map(({ id }) => `${id} router_stopped`);
    return sameElements(
      step.effects.returns.map(({ slip, reason }) => `${slip.id} ${reason}`),
      waited,
    );
  },
  'evict gives back all that waits and stops all that runs': (step) => {
    if (step.event.type !== 'evict') return true;
    const waited = placedSlips(step.before.context).map(({ id }) => `${id} removed`);
    const stopped = step.effects.told.flatMap(({ command }) => (command.type === 'call.cancel' ? [command.id] : []));
    return (
      sameElements(
        step.effects.returns.map(({ slip, reason }) => `${slip.id} ${reason}`),
        waited,
      ) &&
      sameElements(
        stopped,
        runningSlips(step.before.context).map(({ id }) => id),
      )
    );
  },
  'a drained model says so once': ({ before, event, after, effects }) =>
    effects.reports.filter(({ type }) => type === 'model.drained').length ===
    (after.value.control === 'drained' && (before.value.control !== 'drained' || event.type === 'drain') ? 1 : 0),
  'a change of control is announced, each with its states': ({ before, after, effects }) => {
    const changes = effects.emitted.filter((emitted) => emitted.type === 'control.changed');
    const path = [before.value.control, ...changes.map(({ to }) => to)];
    const isChain = changes.every(({ from, to }, index) => from === path[index] && from !== to);
    return isChain && path.at(-1) === after.value.control;
  },
  'an operator’s word holds once said': ({ event, after }) => {
    if (event.type === 'pause') return after.value.control === 'paused';
    if (event.type === 'resume') return after.value.control === 'active';
    if (event.type === 'drain') return after.value.control === 'draining' || after.value.control === 'drained';
    if (event.type === 'breaker.force_open') return after.value.breaker === 'forced_open';
    if (event.type === 'breaker.force_closed') return after.value.breaker === 'forced_closed';
    if (event.type !== 'breaker.reset') return true;
    return (
      after.value.breaker === (after.context.breaker.options === null ? 'forced_closed' : 'closed') &&
      after.context.breaker.failures === 0 &&
      after.context.load.runningLimit === after.context.limits.maxConcurrency
    );
  },
  'told twice, an operator’s word changes nothing': ({ before, event, after, effects }) => {
    const isTwice =
      (event.type === 'pause' && before.value.control === 'paused') ||
      (event.type === 'resume' && before.value.control === 'active') ||
      (event.type === 'drain' && before.value.control === 'draining') ||
      (event.type === 'breaker.force_open' && before.value.breaker === 'forced_open') ||
      (event.type === 'breaker.force_closed' && before.value.breaker === 'forced_closed');
    return !isTwice || (effects.emitted.length === 0 && before.context === after.context);
  },
  'a 429 limits for its time, and only a 429 does': ({ before, event, after, effects }) => {
    const [was, is] = [before.context.rateLimit, after.context.rateLimit];
    const began = effects.emitted.some(({ type }) => type === 'rate_limit.began');
    const reported = effects.reports.some(({ type }) => type === 'model.limited');
    if (event.type === 'call.rate_limited' && before.context.load.calls[event.slot]!.startedAt >= was.began) {
      return began && reported && is.until! >= event.at + 1_000 && is.strikes === was.strikes + 1;
    }
    if (event.type === 'call.rate_limited' && (is.strikes !== was.strikes || is.began !== was.began)) return false;
    if (event.type === 'limit.ended') {
      const isEarly = was.until !== null && event.at < was.until;
      return !began && reported === isEarly && is.until === (isEarly ? was.until : null);
    }
    return !began && !reported && is.until === was.until;
  },
  'a success forgives earlier limits when its call began after the last': ({ before, event, after }) => {
    const was = before.context.rateLimit;
    if (event.type !== 'call.succeeded') return after.context.rateLimit.strikes >= was.strikes;
    const isLater = before.context.load.calls[event.slot]!.startedAt >= was.began;
    return after.context.rateLimit.strikes === (isLater ? 0 : was.strikes);
  },
  'the running limit begins low after a recovery or a limit, grows by successes, and is lifted by the operator': ({
    before,
    event,
    after,
  }) => {
    const [was, is] = [before.context.load.runningLimit, after.context.load.runningLimit];
    const { options } = after.context.breaker;
    const { maxConcurrency } = after.context.limits;
    const first = Math.min(options?.halfOpenMaxProbes ?? 1, maxConcurrency);
    if (before.value.breaker === 'half_open' && after.value.breaker === 'closed' && event.type.match(/^call|^probe/)) {
      return is === first;
    }
    if (event.type === 'limit.ended' && before.context.rateLimit.until !== after.context.rateLimit.until) {
      return is === (isClosed(before) ? first : was);
    }
    const isForced = event.type === 'breaker.force_closed' && before.value.breaker !== 'forced_closed';
    if (isForced || event.type === 'breaker.configure' || event.type === 'breaker.reset') return is === maxConcurrency;
    if (event.type === 'call.succeeded' && isClosed(before) && isClosed(after))
      return is === Math.min(was + 1, maxConcurrency);
    return is === was;
  },
  'what cannot wait for the end of a limit goes back when it begins': (step) => {
    if (step.event.type !== 'call.rate_limited') return true;
    const until = step.after.context.rateLimit.until ?? Number.NEGATIVE_INFINITY;
    return placedSlips(step.after.context).every(({ deadline }) => deadline > until);
  },
  'whoever waits elsewhere is told when a request can be taken again': ({ before, event, after, effects }) => {
    const isTold = effects.reports.some(({ type }) => type === 'model.available');
    const hasRoom = ({ value, context }: ModelSnapshot): boolean => {
      if (value.control !== 'active' || context.rateLimit.until !== null || isOpen({ value, context } as never))
        return false;
      if (value.breaker !== 'half_open') return depth(context) < context.limits.maxQueueDepth;
      return context.load.idle !== null && context.breaker.probes < context.breaker.options!.halfOpenMaxProbes;
    };
    return isTold || hasRoom(before) || !hasRoom(after) || ['release', 'evict'].includes(event.type);
  },
};

const mayDisplace = (context: ModelContext, newcomer: Slip): boolean => {
  const last = placedSlips(context).at(-1);
  return (
    last !== undefined &&
    isLowerClass(last.class, newcomer.class) &&
    isServedBefore(newcomer, last, context.limits.boosts)
  );
};

const ofStates = Object.entries(STATE_PREDICATES);
const ofSteps = Object.entries(STEP_PREDICATES);

/** Throws with the name of the first predicate that does not hold. */
export const judge = {
  state(snapshot: ModelSnapshot): void {
    for (const [name, holds] of ofStates) {
      if (!holds(snapshot)) throw new Error(`${name}: ${JSON.stringify(summary(snapshot))}`);
    }
  },
  step(step: Step): void {
    for (const [name, holds] of ofSteps) {
      if (!holds(step)) throw new Error(`${name}: ${describe(step)}`);
    }
  },
};

const describe = ({ before, event, after, effects }: Step): string =>
  JSON.stringify({
    before: summary(before),
    event,
    after: summary(after),
    told: effects.told,
    reports: effects.reports.map((report) => ({ type: report.type, id: 'slip' in report ? report.slip.id : null })),
  });

const summary = ({ value, context }: ModelSnapshot) => ({
  value,
  running: runningSlips(context).map(({ id }) => id),
  lingering: context.load.lingering,
  waiting: waitingSlips(context).map(({ id, class: priority }) => `${id}:${priority}`),
  generation: context.breaker.generation,
  failures: context.breaker.failures,
  successes: context.breaker.successes,
  probes: context.breaker.probes,
});
