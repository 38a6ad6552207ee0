import { and, not } from 'xstate';
import { DEFAULT_BOOSTS } from '../src/queue/priority.ts';
import { NONE_PARKED } from '../src/routing/parking.ts';
import { routerSetup } from './router/setup.ts';

const settles = { actions: ['clearDeadline', 'settle'] } as const;
const movesOn = {
  description: 'The next candidate that admits it takes it.',
  guard: 'hasAdmittingCandidate',
  actions: ['renewDeadline', 'forward'],
} as const;

/** Calls a request off: whoever holds it lets go, then it is settled. */
const cancels = { actions: ['markCalledOff', 'cancelEverywhere', 'confirmCancel'] } as const;
/** It was called off while it passed from one actor to another: what called it off settles it. */
const leftOnTheWay = {
  description: 'Its caller has left meanwhile: it goes no further.',
  guard: 'isCalledOff',
  actions: 'noteWhereabouts',
} as const;
const failureLeftOnTheWay = { ...leftOnTheWay, actions: ['announceFailure', 'noteWhereabouts'] } as const;

/** What a stopping router and a running one do alike. */
const always = {
  'request.cancel': cancels,
  'request.cancelled': [
    { description: 'It was parked.', guard: 'isParked', actions: [...settles.actions, 'unpark'] },
    settles,
  ],
  'request.displaced': settles,
  'timer.due': [
    { guard: 'isDeadline', ...cancels },
    { description: 'A rate limit is over.', guard: 'isLimitsEnd', actions: 'endLimit' },
    { description: 'A request has backed off long enough.', guard: 'isRetryDue', actions: 'retry' },
    { guard: 'isGracesEnd', actions: 'evictModel' },
  ],
  'model.limited': { actions: ['setLimit', 'rejudgeParked'] },
  'model.opened': { actions: 'rejudgeParked' },
  'model.started': { actions: 'relaxDeadline' },
  'model.succeeded': settles,
  'cache.settled': [leftOnTheWay, settles],
  'model.drained': {
    guard: 'isLeaving',
    actions: ['clearGrace', 'clearLimit', 'stopModel', 'forgetModel', 'announceRemoval'],
  },
} as const;

const concludes = { actions: ['clearDeadline', 'conclude'] } as const;
const failureSettles = { actions: ['announceFailure', ...settles.actions] } as const;
const failureConcludes = [failureLeftOnTheWay, { actions: ['announceFailure', ...concludes.actions] }] as const;
const isOverSettles = { description: 'Its time is over.', guard: 'isOver', ...settles } as const;
/** What becomes of a request that no candidate takes now, but one may take later; `before`: what is done besides. */
const waitsForReturn = <const Before extends readonly ('announceFailure' | 'setDeadline' | 'renewDeadline')[]>(
  before: Before,
) =>
  [
    {
      description: 'A candidate may come back in time: it waits for it.',
      guard: 'parks',
      actions: [...before, 'announceParked', 'park'],
    },
    {
      description: 'So it does, in the place of a less important one.',
      guard: 'displacesParked',
      actions: [...before, 'announceParked', 'announceVictim', 'dismissVictim', 'parkInstead'],
    },
  ] as const;

/** Where a request goes that no model has had yet; `before`: what is done besides. */
const isRouted = <const Before extends readonly 'setDeadline'[]>(before: Before) =>
  [
    {
      description: 'The first candidate in the order of its strategy takes it, and the strategy moves on.',
      guard: 'takesTurn',
      actions: [...before, 'forward', 'takeTurn'],
    },
    {
      description: 'The first candidate that admits it takes it.',
      guard: 'hasAdmittingCandidate',
      actions: [...before, 'forward'],
    },
    ...waitsForReturn(before),
    { description: 'No candidate admits it.', ...settles },
  ] as const;

const failureMovesOn = [
  failureLeftOnTheWay,
  {
    description: 'The caller has content already: it cannot start again elsewhere.',
    guard: 'interrupts',
    ...failureSettles,
  },
  { description: 'Its time is over.', guard: 'isOver', ...failureSettles },
  {
    description: 'The next candidate that admits it takes it.',
    guard: 'hasAdmittingCandidate',
    actions: ['announceFailure', 'renewDeadline', 'forward'],
  },
  ...waitsForReturn(['announceFailure', 'renewDeadline']),
  failureSettles,
] as const;

/**
 * Sends each request along its candidates until one has served it, and settles it exactly once.
 *
 *   running ─stop▶ stopping ─end▶ stopped
 *
 *   request ──▶ cache ──▶ answered ──▶ settled
 *                 └──▶ missed ──▶ the first candidate
 *
 *   request ──▶ model ──▶ served, rejected           ──▶ settled
 *     ▲           └──▶ failed, rate limited, returned ──▶ the next candidate, or parked, or settled
 *     └────── a candidate is back ◀── parked ─────────────────────────────────┘
 *
 * What happened to a request so far travels in its slip; the chart keeps only those that are parked. `stopping` takes
 * no request and moves none on; what runs may finish.
 */
export const routerMachine = routerSetup.createMachine({
  id: 'llm-router',
  context: ({ spawn, self }) => {
    spawn('timers', { id: 'timers' });
    spawn('cache', { id: 'cache', input: { reportTo: self } });
    return {
      models: {},
      chatModels: [],
      leaving: {},
      rules: [],
      parked: NONE_PARKED,
      maxParked: 1_000,
      boosts: DEFAULT_BOOSTS,
      strategies: { seed: 1, turns: {} },
    };
  },
  initial: 'running',
  states: {
    running: {
      description: 'Requests are routed.',
      on: {
        ...always,
        request: [
          leftOnTheWay,
          { description: 'Its time was over on arrival.', guard: 'isOver', ...settles },
          {
            description: 'The cache is asked first: it may have the answer although every model is out.',
            guard: 'asksCache',
            actions: ['setDeadline', 'askCache'],
          },
          ...isRouted(['setDeadline']),
        ],
        'cache.missed': [leftOnTheWay, isOverSettles, ...isRouted([])],
        'cache.enable': { actions: 'enableCache' },
        'model.failed': failureMovesOn,
        'model.retrying': [
          failureLeftOnTheWay,
          { description: 'Its model tries it again after a while.', actions: ['announceFailure', 'setRetry'] },
        ],
        'model.rate_limited': failureMovesOn,
        'model.ignored': [
          failureLeftOnTheWay,
          {
            description: 'It was too long for that model; one that takes more admits it.',
            guard: and(['isTooLong', not('isOver'), 'hasAdmittingCandidate']),
            actions: ['announceFailure', 'renewDeadline', 'forward'],
          },
          failureSettles,
        ],
        'model.returned': [
          leftOnTheWay,
          { guard: 'isFinal', ...settles },
          isOverSettles,
          movesOn,
          ...waitsForReturn([]),
          settles,
        ],
        'model.cancelled': [
          leftOnTheWay,
          { guard: 'interrupts', ...settles },
          isOverSettles,
          movesOn,
          ...waitsForReturn(['renewDeadline']),
          settles,
        ],
        'model.available': [
          {
            description: 'A model can take requests again: who waits for it longest goes first.',
            guard: 'hasTaker',
            actions: ['wake', 'wakeNext', 'releaseTaker'],
          },
          {
            description: 'Whether it still can, once it has what is on its way to it, is for it to say.',
            guard: 'isPollable',
            actions: 'poll',
          },
        ],
        'router.configure': { actions: 'configure' },
        'request.woken': {
          description: 'Whether the model can take the next one too is for it to say.',
          guard: 'isPollable',
          actions: 'poll',
        },
        'model.command': [
          {
            description: 'Who waits for it to be resumed waits in vain.',
            guard: 'drains',
            actions: ['command', 'rejudgeParked'],
          },
          { actions: 'command' },
        ],
        'models.restore': { actions: 'restoreModels' },
        'model.add': { actions: ['addModel', 'announceAdded'] },
        'model.remove': { actions: ['drainModel', 'setGrace', 'rejudgeParked', 'dismissModel'] },
        'rule.put': [{ guard: 'knowsRule', actions: 'replaceRule' }, { actions: 'appendRule' }],
        'rule.remove': { actions: 'removeRule' },
        'breaker.configure': { actions: 'configureModels' },
        stop: { target: 'stopping', actions: ['releaseModels', 'wakeParked', 'releaseCache'] },
      },
    },
    stopping: {
      description: 'No request is taken or moved on; what runs may finish within the grace.',
      on: {
        ...always,
        request: [leftOnTheWay, concludes],
        'cache.missed': [leftOnTheWay, concludes],
        'model.failed': failureConcludes,
        'model.retrying': { description: 'Its model gives it back.', actions: 'announceFailure' },
        'model.rate_limited': failureConcludes,
        'model.ignored': failureSettles,
        'model.returned': [leftOnTheWay, concludes],
        'model.cancelled': [leftOnTheWay, concludes],
        abort: { actions: 'evictModels' },
        end: { target: 'stopped' },
      },
    },
    stopped: { type: 'final', description: 'Nothing is left to be done; everything below it is stopped too.' },
  },
  options: { maxIterations: 1_000 },
});
