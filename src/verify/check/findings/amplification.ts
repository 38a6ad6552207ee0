import { UNSTREAMED_MS } from '../../../../machines/call-limits.ts';
import { remembered } from '../../../breaker/changes.ts';
import { newMemory } from '../../../breaker/memory.ts';
import type { Outcome } from '../../../breaker/outcome.ts';
import { verdict } from '../../../breaker/verdict.ts';
import type { Backoff } from '../../../retry/backoff.ts';
import { MAX_HINT_MS } from '../../../retry/retry-after.ts';
import { MAX_ATTEMPTS } from '../../../routing/slip.ts';
import type { PolicyModel } from '../../policy.ts';
import type { PolicyEvent } from '../../policy-events.ts';
import type { Finding } from '../finding.ts';
import { ordersAlong } from '../orders.ts';
import { requestFor } from '../request-for.ts';
import type { Route } from '../routes.ts';
import { finding, type Judge, nameOf, routeOfEachRule, ruleOf, whereOfRule } from '../subject.ts';

/** Retries multiply with fallbacks, and a request makes no more calls than it may. */
export const amplificationFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route): Finding[] => {
    const { space, maxAttempts } = subject;
    const candidates = ordersAlong(space, route)[0]!;
    const calls = candidates.flatMap((name) => callsOf(space.modelOf(name), route.maxRetries, space.policy.backoff));
    if (calls.length <= maxAttempts) return [];
    const path = failuresOf(route, calls.slice(0, Math.min(maxAttempts + 1, MAX_ATTEMPTS)));
    if (!isInTime(path, route.timeoutMs)) return [];
    const asked = [...new Set(calls.slice(0, maxAttempts).map(({ model }) => model))];
    // Only its own bound stops the router.
    const unasked = maxAttempts < MAX_ATTEMPTS ? [] : candidates.slice(asked.length);
    return [
      finding(subject, 'attempts_exceed_bound', {
        where: whereOfRule(subject, route),
        message: `A request of ${nameOf(route)} would need ${calls.length} calls to try ${candidates.length} candidates with up to ${route.maxRetries} retries each, and may make ${maxAttempts}. When ${asked.join(', ')} ${asked.length === 1 ? 'fails' : 'fail'}, it ${endOf(calls, unasked, maxAttempts)}.`,
        remedy: remedyFor(route, candidates.length, maxAttempts),
        ...ruleOf(route),
        models: unasked.length > 0 ? unasked : candidates,
        path,
      }),
    ];
  });

function endOf(calls: readonly Call[], unasked: readonly string[], maxAttempts: number): string {
  if (maxAttempts < MAX_ATTEMPTS) return 'makes more';
  if (unasked.length > 0) return `gives up without having asked ${unasked.join(', ')}`;
  const last = calls.at(-1)!.model;
  const isOfLast = ({ model }: Call): boolean => model === last;
  return `gives up after ${calls.slice(0, maxAttempts).filter(isOfLast).length} of ${calls.filter(isOfLast).length} calls of ${last}`;
}

function remedyFor({ rule, maxRetries }: Route, candidates: number, maxAttempts: number): string {
  if (candidates <= maxAttempts) {
    const fitting = Math.floor(maxAttempts / candidates) - 1;
    return `Set ${rule === null ? 'retries.maxRetries' : 'maxRetries of the rule'} to ${fitting}${fitting > 0 ? ' or less' : ''}.`;
  }
  const fewer =
    rule === null
      ? `Name at most ${maxAttempts} of the models in a rule for all`
      : `Take candidates out of the rule until ${maxAttempts} are left`;
  return `${fewer}${maxRetries > 0 ? ', and set its maxRetries to 0' : ''}.`;
}

/** One call of the request. */
interface Call {
  readonly model: string;
  /** How long it backs off before it, at the longest; infinite where a shorter draw would make a difference. */
  readonly waitMs: number;
  /** The provider asks for that wait, so that what is drawn does not matter. */
  readonly isHinted: boolean;
  /** Others that succeed there before that, so that the breaker lets it be made. */
  readonly successes: number;
}

/** Numbers of them before each call that are tried: what stays closed with more only opens by one failure in 500. */
const SUCCESSES = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/**
 * The most calls that a request can make of a model before it is left: until its retries are used up, or until the
 * breaker opens, whatever succeeds there meanwhile.
 */
function callsOf(model: PolicyModel, maxRetries: number, { baseMs, maxMs }: Backoff): readonly Call[] {
  const waits = Array.from({ length: maxRetries + 1 }, (_, tried) =>
    tried === 0 ? 0 : Math.min(maxMs, baseMs * 2 ** (tried - 1)),
  );
  let plan: number[] = [];
  let most = 0;
  for (const successes of SUCCESSES) {
    // What backs off may have the only place, and comes back before they are over to the only slot.
    const isRoom = (ms: number): boolean => model.maxQueueDepth > 1 && (model.maxConcurrency > 1 || ms > successes);
    const one = waits.map((ms, tried) => (tried === 0 || isRoom(ms) ? successes : 0));
    const made = callsUnder(model, one, waits);
    if (made > most) [plan, most] = [one, made];
    if (most === waits.length) break;
  }
  // The earlier ones count for the later calls too.
  for (let tried = maxRetries; tried >= 0; tried--) {
    for (let fewer = 0; fewer < plan[tried]!; fewer++) {
      if (callsUnder(model, plan.with(tried, fewer), waits) === most) plan[tried] = fewer;
    }
  }
  // How long a call may run, streamed or not; with successes it may also be slow, or silent for longer than is usual.
  const limitMs = Math.min(model.attemptTimeoutMs ?? UNSTREAMED_MS, model.firstTokenTimeoutMs);
  const isHinted = plan.some((successes) => successes > 0) || waits.some((ms) => ms >= limitMs);
  const longestMs = isHinted ? (model.breaker?.maxHintMs ?? MAX_HINT_MS) : Number.POSITIVE_INFINITY;
  return plan.slice(0, most).map((successes, tried) => {
    // A hint that is not believed for so long is none.
    const waitMs = waits[tried]! > longestMs ? Number.POSITIVE_INFINITY : waits[tried]!;
    return { model: model.name, waitMs, isHinted: isHinted && waitMs > 0, successes };
  });
}

/** How many calls are made when each of them fails, and so many others succeed before it. */
function callsUnder({ breaker }: PolicyModel, plan: readonly number[], waits: readonly number[]): number {
  let memory = newMemory(breaker, 0);
  const { generation } = memory;
  let at = 0;
  /** Whether it is still closed then. */
  const ends = (outcome: Outcome): boolean => {
    const call = { outcome, permit: { generation, probe: false }, ms: 0, at };
    const isClosed = verdict(memory, call) !== 'trip';
    memory = remembered(memory, call);
    return isClosed;
  };
  for (const [tried, successes] of plan.entries()) {
    for (let left = successes; left > 0; left--) if (!ends('success')) return tried;
    at += waits[tried]!;
    if (!ends('failure')) return tried + 1;
  }
  return plan.length;
}

/** A request whose calls all fail in passing. */
function failuresOf(route: Route, calls: readonly Call[]): PolicyEvent[] {
  const path: PolicyEvent[] = [];
  let requests = 0;
  const succeed = ({ model, successes }: Call): void => {
    for (let left = successes; left > 0; left--) {
      path.push({ type: 'request', priority: 'normal', model });
      path.push({ type: 'call.succeeded', request: `r${++requests}`, model });
    }
  };
  succeed(calls[0]!);
  path.push(requestFor(route));
  const request = `r${++requests}`;
  for (const [index, call] of calls.entries()) {
    const { model, waitMs } = call;
    const isRetry = calls[index - 1]?.model === model;
    if (isRetry) succeed(call);
    if (waitMs > 0) path.push({ type: 'time.passed', ms: waitMs });
    const next = calls[index + 1];
    // Before it comes there: then a slot is free for them.
    if (next !== undefined && next.model !== model) succeed(next);
    path.push({ type: 'call.failed', request, model, ...(next?.isHinted && { retryAfterMs: next.waitMs }) });
  }
  return path;
}

/** Whether the longest that it backs off is less than the time it has; each event takes a moment besides. */
const isInTime = (path: readonly PolicyEvent[], timeoutMs: number): boolean =>
  path.reduce((sum, event) => sum + (event.type === 'time.passed' ? event.ms : 0), path.length) < timeoutMs;
