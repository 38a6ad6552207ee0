import type { Policy } from '../../policy.ts';
import type { OperatorEventType, PolicyEvent } from '../../policy-events.ts';
import type { CallOutcome, PolicyAlphabet, RequestKind } from '../policy-specification.ts';
import { isNoticed } from './commands.ts';
import { isDrawn, routeOf } from './itinerary.ts';
import { type PolicyState, pendingOf } from './policy-state.ts';
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

/** Everything that can happen. */
export function possibleEvents(policy: Policy, state: PolicyState, alphabet: PolicyAlphabet): PolicyEvent[] {
  const dues = duesOf(state);
  const [next] = dues;
  return [
    ...requestEvents(policy, state, alphabet),
    ...heldEvents(state, alphabet, dues),
    ...(next === undefined ? [] : [{ type: 'time.passed', ms: next.timer.at - state.now } as const]),
    ...operatorEvents(state, alphabet.operator),
  ];
}

function requestEvents(policy: Policy, state: PolicyState, { requests, maxPending }: PolicyAlphabet): PolicyEvent[] {
  const isFull = maxPending !== undefined && pendingOf(state).length >= maxPending;
  return isFull ? [] : requests.flatMap((kind) => requestsOf(policy, kind));
}

/** What can happen to requests that are not over. */
function heldEvents(state: PolicyState, { outcomes, cancels }: PolicyAlphabet, dues: readonly Due[]): PolicyEvent[] {
  if (outcomes.length === 0 && !cancels) return [];
  const held = heldIn(state).sort((a, b) => bySeniority(a.request, b.request));
  const leaders = held.filter((one, index) => !isTwin(held[index - 1], one, dues));
  return [
    ...outcomes.flatMap((outcome) => callsEnding(outcome, ends(outcome) ? leaders : held)),
    ...(cancels ? leaders.map(({ request }) => ({ type: 'request.cancel', request: request.name }) as const) : []),
  ];
}

/** The commands that the models would notice. */
const operatorEvents = ({ models, now }: PolicyState, types: readonly OperatorEventType[]): PolicyEvent[] =>
  models.flatMap((model) =>
    types
      .filter((type) => isNoticed(model, type, now))
      .map((type): PolicyEvent => ({ type, model: model.options.name })),
  );

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
