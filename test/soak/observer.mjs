import { wrongWithModel, wrongWithRouter } from './invariants.mjs';

const detailOf = (event) => event.slip?.id ?? event.id ?? event.requestId ?? event.key ?? event.model ?? '';

const nobody = () => {};

/**
 * Watches every actor of the router's system: holds each new snapshot of a model or of the router against the
 * invariants, tells who accepts which request, and knows which actors have not been stopped.
 */
export function watchActors({
  router,
  time,
  findings,
  tally,
  onAccepted,
  onForwarded = nobody,
  onRetrying = nobody,
  onStarted = nobody,
}) {
  const { actor } = router;
  const alive = new Set();
  const look = (ref, snapshot) => {
    if (snapshot.status !== 'active') return;
    const wrong = ref === actor ? wrongWithRouter(snapshot) : wrongWithModel(snapshot, time.now(), time.tolerance);
    if (wrong !== null) findings.violation(`${ref.id}: ${wrong}`);
  };
  const isModel = (ref) => ref.id.startsWith('model:');
  const hear = {
    '@xstate.actor': ({ actorRef }) => alive.add(actorRef),
    '@xstate.event'({ actorRef, sourceRef, event }) {
      tally.add('actors', 'events');
      findings.note(() => `${sourceRef?.id ?? 'outside'} → ${actorRef.id}: ${event.type} ${detailOf(event)}`);
      if (actorRef === actor && event.type === 'model.retrying') onRetrying(event.slip.id, event.due);
      if (actorRef === actor && event.type === 'model.started') onStarted(event.slip.id);
      if (event.type !== 'request') return;
      if (actorRef === actor && sourceRef === undefined) onAccepted(event.slip);
      else if (actorRef !== actor) onForwarded(event.slip.id, actorRef.id.slice('model:'.length));
    },
    '@xstate.microstep': ({ _transitions }) => tally.add('actors', 'transitions', _transitions.length),
    '@xstate.snapshot'({ actorRef, snapshot }) {
      if (snapshot.status !== 'active') alive.delete(actorRef);
      if (actorRef === actor || isModel(actorRef)) look(actorRef, snapshot);
    },
  };
  // Whatever an observer throws ends up in whichever actor was just sending.
  const subscription = actor.system.inspect((event) => {
    try {
      hear[event.type]?.(event);
    } catch (error) {
      findings.violation(`the soak's own observer threw ${error.stack}`);
    }
  });
  alive.add(actor);
  return {
    /** Those that are still running; the stopped ones are forgotten. */
    running() {
      for (const ref of alive) if (ref.getSnapshot().status !== 'active') alive.delete(ref);
      return [...alive].map(({ id }) => id);
    },
    unsubscribe: () => subscription.unsubscribe(),
  };
}
