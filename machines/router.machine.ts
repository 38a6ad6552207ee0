import { routerSetup } from './router/setup.ts';

const settles = { actions: ['clearDeadline', 'settle'] } as const;
const movesOn = {
  description: 'The next candidate that admits it takes it.',
  guard: 'hasAdmittingCandidate',
  actions: 'forward',
} as const;

/** Calls a request off: whoever holds it lets go, then it is settled. */
const cancels = { actions: ['cancelEverywhere', 'confirmCancel'] } as const;

/** What a stopping router and a running one do alike. */
const always = {
  'request.cancel': cancels,
  'request.cancelled': settles,
  'timer.due': [{ guard: 'isDeadline', ...cancels }, { actions: 'evictModel' }],
  'model.started': { actions: 'relaxDeadline' },
  'model.succeeded': settles,
  'model.ignored': { actions: ['announceFailure', ...settles.actions] },
  'model.drained': { actions: ['clearGrace', 'stopModel', 'forgetModel', 'announceRemoval'] },
} as const;

const concludes = { actions: ['clearDeadline', 'conclude'] } as const;
const failureSettles = { actions: ['announceFailure', ...settles.actions] } as const;
const failureConcludes = { actions: ['announceFailure', ...concludes.actions] } as const;
const isOverSettles = { description: 'Its time is over.', guard: 'isOver', ...settles } as const;
const failureMovesOn = [
  {
    description: 'The caller has content already: it cannot start again elsewhere.',
    guard: 'interrupts',
    ...failureSettles,
  },
  { description: 'Its time is over.', guard: 'isOver', ...failureSettles },
  {
    description: 'The next candidate that admits it takes it.',
    guard: 'hasAdmittingCandidate',
    actions: ['announceFailure', 'forward'],
  },
  failureSettles,
] as const;

/**
 * Sends each request along its candidates until one has served it, and settles it exactly once.
 *
 *   running ─stop▶ stopping
 *
 *   request ──▶ model ──▶ served, rejected           ──▶ settled
 *                 └──▶ failed, rate limited, returned ──▶ the next candidate, or settled
 *
 * The chart keeps nothing about a request: what happened to it so far travels in its slip. `stopping` takes no request
 * and moves none on; what runs may finish.
 */
export const routerMachine = routerSetup.createMachine({
  id: 'llm-router',
  context: ({ spawn }) => {
    spawn('timers', { id: 'timers' });
    return { models: {}, leaving: {}, rules: [] };
  },
  initial: 'running',
  states: {
    running: {
      description: 'Requests are routed.',
      on: {
        ...always,
        request: [
          { description: 'Its time was over on arrival.', guard: 'isOver', actions: 'settle' },
          {
            description: 'The first candidate that admits it takes it.',
            guard: 'hasAdmittingCandidate',
            actions: ['setDeadline', 'forward'],
          },
          { description: 'No candidate admits it.', actions: 'settle' },
        ],
        'model.failed': failureMovesOn,
        'model.rate_limited': failureMovesOn,
        'model.returned': [{ guard: 'isFinal', ...settles }, isOverSettles, movesOn, settles],
        'model.cancelled': [
          { guard: 'isCalledOff', actions: 'noteWhereabouts' },
          { guard: 'interrupts', ...settles },
          isOverSettles,
          movesOn,
          settles,
        ],
        'model.add': { actions: 'addModel' },
        'model.remove': { actions: ['drainModel', 'setGrace', 'dismissModel'] },
        'rule.put': [{ guard: 'knowsRule', actions: 'replaceRule' }, { actions: 'appendRule' }],
        'rule.remove': { actions: 'removeRule' },
        'breaker.configure': { actions: 'configureModels' },
        stop: { target: 'stopping', actions: 'releaseModels' },
      },
    },
    stopping: {
      description: 'No request is taken or moved on; what runs may finish within the grace.',
      on: {
        ...always,
        request: { actions: 'conclude' },
        'model.failed': failureConcludes,
        'model.rate_limited': failureConcludes,
        'model.returned': concludes,
        'model.cancelled': [{ guard: 'isCalledOff', actions: 'noteWhereabouts' }, concludes],
        abort: { actions: 'evictModels' },
      },
    },
  },
  options: { maxIterations: 1_000 },
});
