import type { AnyActorLogic, AnyActorScope } from 'xstate';

/**
 * Keeps an actor's input out of its snapshots: XState's own logics hold it there for as long as the actor runs, where
 * persisting and inspecting print it. A restored actor is therefore started without any.
 */
export function withPrivateInput<Logic extends AnyActorLogic>(logic: Logic): Logic {
  const inputs = new WeakMap<object, unknown>();
  return {
    ...logic,
    getInitialSnapshot(scope: AnyActorScope, input: unknown) {
      inputs.set(scope.self, input);
      return logic.getInitialSnapshot(scope, undefined);
    },
    start(snapshot: object, scope: AnyActorScope) {
      logic.start?.({ ...snapshot, input: inputs.get(scope.self) }, scope);
    },
  };
}
