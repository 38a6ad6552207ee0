import type { Policy } from '../../policy.ts';
import type { OperatorEventType, PolicyEvent } from '../../policy-events.ts';
import type { CallOutcome, PolicyAlphabet, RequestKind } from '../policy-specification.ts';
import { isDrawn, routeOf } from './itinerary.ts';
import type { PolicyState } from './policy-state.ts';
import { requestKey } from './request-key.ts';
import { bySeniority, type RequestState } from './request-state.ts';
import { type Due, duesOf } from './timers.ts';

/** Where a request is, with what else tells it from its neighbours there. */
interface Held {
  readonly request: RequestState;
  readonly where: string;
  readonly holder: number | undefined;
  /** Of the model that runs it. */
  readonly model: string | null;
}

/** Everything that can happen, but for commands that a model would not notice. */
export function possibleEvents(policy: Policy, state: PolicyState, alphabet: PolicyAlphabet): PolicyEvent[] {
  const dues = duesOf(state);
  const held = heldIn(state).sort((a, b) => bySeniority(a.request, b.request));
  const leaders = held.filter((one, index) => !isTwin(held[index - 1], one, dues));
  const hasRoom = held.length < (alphabet.maxPending ?? Number.POSITIVE_INFINITY);
  const [next] = dues;
  return [
    ...(hasRoom ? alphabet.requests.flatMap((kind) => requestsOf(policy, kind)) : []),
    ...alphabet.outcomes.flatMap((outcome) => callsEnding(outcome, ends(outcome) ? leaders : held)),
    ...(alphabet.cancels
      ? leaders.map(({ request }) => ({ type: 'request.cancel', request: request.name }) as const)
      : []),
    ...(next === undefined ? [] : [{ type: 'time.passed', ms: next.timer.at - state.now } as const]),
  ];
}

export const operatorEvents = (policy: Policy, types: readonly OperatorEventType[]): PolicyEvent[] =>
  policy.models.flatMap(({ name }) => types.map((type) => ({ type, model: name })));

/** With every order that could be drawn. */
function requestsOf(policy: Policy, kind: RequestKind): PolicyEvent[] {
  const route = routeOf(policy, kind);
  const event = { type: 'request', ...kind } as const;
  return isDrawn(route) ? permutations(route.targets).map((order) => ({ ...event, order })) : [event];
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

const callsEnding = (outcome: CallOutcome, held: readonly Held[]): PolicyEvent[] =>
  held.flatMap(({ request, model }) =>
    model === null ? [] : [{ type: `call.${outcome}`, request: request.name, model } as const],
  );

/** The request is over with it: which of two twins it was makes no difference. */
const ends = (outcome: CallOutcome): boolean => outcome === 'succeeded' || outcome === 'ignored';

function heldIn({ models, parked }: PolicyState): Held[] {
  const held: Held[] = parked.map((request) => ({ request, where: 'parked', holder: undefined, model: null }));
  for (const [holder, { options, calls, waiting, backingOff }] of models.entries()) {
    const { name } = options;
    for (const { request, generation, startedAt } of calls)
      held.push({ request, where: `running ${generation} ${startedAt} ${name}`, holder, model: name });
    for (const request of waiting) held.push({ request, where: `waiting ${name}`, holder, model: null });
    for (const { request } of backingOff) held.push({ request, where: `backing off ${name}`, holder, model: null });
  }
  return held;
}

/** Neighbours in the serving order, alike in all, whose timers fall due together with none between them. */
function isTwin(senior: Held | undefined, junior: Held, dues: readonly Due[]): boolean {
  if (senior === undefined || senior.where !== junior.where) return false;
  if (
    senior.request.arrival !== junior.request.arrival ||
    requestKey(senior.request, senior.holder) !== requestKey(junior.request, junior.holder)
  )
    return false;
  const theirs = [senior, junior].map(({ request }) => positionsOf(dues, request));
  const [first = [], second = []] = theirs;
  return first.every((position, index) => {
    const other = second[index];
    if (other === undefined || Math.abs(position - other) !== 1) return false;
    return dues[position]?.timer.at === dues[other]?.timer.at;
  });
}

/** Of its deadline, and of what it runs or backs off for. */
function positionsOf(dues: readonly Due[], { name }: RequestState): readonly number[] {
  const find = (isIts: (due: Due) => boolean): readonly number[] => {
    const position = dues.findIndex(isIts);
    return position < 0 ? [] : [position];
  };
  return [
    ...find((due) => due.kind === 'deadline' && due.request.name === name),
    ...find((due) => due.kind === 'call' && due.call.request.name === name),
    ...find((due) => due.kind === 'retry' && due.backOff.request.name === name),
  ];
}
