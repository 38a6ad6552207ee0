import { BREAKER_NAMES, breakerOf, MODEL_NAMES, modelOptions } from './models.mjs';

const WEIGHTS = {
  swing: 30,
  pause: 6,
  drain: 4,
  resume: 4,
  forceOpen: 4,
  forceClosed: 3,
  reset: 6,
  enableCircuitBreaker: 2,
  add: 4,
  remove: 4,
  putRule: 4,
  removeRule: 4,
  snapshot: 4,
  restore: 4,
  restoreNow: 2,
  look: 6,
  abort: 10,
};

/**
 * Somebody at the controls who does anything at any time, and takes most of it back after a while. What the router
 * refuses with a `ConfigurationError` is refused; whatever else it throws is a finding.
 */
export function createOperator({ router, dice, time, unit, backends, callers, findings, tally }) {
  let extra = 0;
  const kept = [];
  const removals = new Set();
  const present = () => Object.keys(router.actor.getSnapshot().context.models);
  const anyModel = () => dice.pick(present());
  const soon = (low, high, act) => time.later(() => attempt(act), dice.between(low, high) * unit);

  function attempt(act) {
    if (router.isStopped) return;
    try {
      act();
    } catch (error) {
      if (error?.code === 'configuration_invalid') tally.add('operator', 'refused');
      else findings.violation(`the operator met ${error?.stack ?? error}`);
    }
  }

  function add(name) {
    const options = modelOptions(name, unit, dice);
    router.addModel(name, { ...options, backend: backends.create(name, options) });
  }

  function putRule() {
    const models = dice.shuffled(present());
    const targets = models.slice(0, dice.whole(1, 3));
    const match = dice.chance(0.5)
      ? { metadata: { tier: dice.pick(['gold', 7]) } }
      : { priority: dice.pick(callers.asking.priorities), metadata: { path: 'v2/chat' } };
    router.addRoute(match, {
      targets,
      fallback: models.slice(targets.length, targets.length + dice.whole(0, 2)),
      strategy: dice.pick(callers.asking.strategies),
      whenUnavailable: dice.pick(['wait', 'fail']),
      name: `extra-${dice.whole(1, 3)}`,
    });
  }

  function remove(name) {
    const removal = router.removeModel(name, { graceMs: dice.between(0, 40) * unit });
    removals.add(removal);
    removal.then(
      () => {
        removals.delete(removal);
        // The five come back, each as a new model of its old name.
        if (MODEL_NAMES.includes(name)) attempt(() => add(name));
      },
      (error) => {
        removals.delete(removal);
        if (error?.code === 'configuration_invalid') tally.add('operator', 'refused');
        else findings.violation(`removeModel rejected with ${error?.stack ?? error}`);
      },
    );
  }

  const acts = {
    swing: () => backends.swing(anyModel()),
    pause(model) {
      router.pause(model);
      soon(1, 60, () => router.resume(model));
    },
    drain(model) {
      router.drain(model);
      soon(1, 60, () => router.resume(model));
    },
    resume: (model) => router.resume(model),
    forceOpen(model) {
      router.forceOpen(model);
      soon(1, 50, () => router.reset(model));
    },
    forceClosed(model) {
      router.forceClosed(model);
      soon(1, 50, () => router.reset(model));
    },
    reset: (model) => router.reset(model),
    enableCircuitBreaker() {
      router.enableCircuitBreaker(breakerOf(dice.pick(BREAKER_NAMES), unit));
    },
    add: () => add(`extra-model-${++extra % 4}`),
    remove: () => remove(dice.chance(0.5) ? anyModel() : `extra-model-${dice.whole(0, 3)}`),
    putRule,
    removeRule: () => router.removeRoute(`extra-${dice.whole(1, 3)}`),
    snapshot() {
      if (kept.push(JSON.stringify(router.snapshot())) > 5) kept.shift();
    },
    restore() {
      if (kept.length > 0) router.restore(JSON.parse(dice.pick(kept)));
    },
    restoreNow: () => void router.restore(router.snapshot()),
    look() {
      router.getStats();
      router.getModelStatus();
      router.explain('what if', callers.asking.options().model === undefined ? {} : { model: anyModel() });
    },
    abort: () => callers.abortAny(),
  };

  return {
    act() {
      const name = dice.weighted(WEIGHTS);
      tally.add('operator', name);
      attempt(() => acts[name](anyModel()));
    },
    add: (name) => attempt(() => add(name)),
    /** When the model was added that now has the name. */
    /** Removals that nobody has been told the end of. */
    removalsPending: () => removals.size,
  };
}
