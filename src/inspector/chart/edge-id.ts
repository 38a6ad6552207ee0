import type { AnyTransitionDefinition } from 'xstate';
import { edgeId } from '../protocol.ts';

/**
 * The id of a transition, the same for the definition that is drawn and for the transition that a running machine
 * reports. It relies on two things of XState: a node keeps one object for each of its transitions, which is the one
 * that is reported when it is taken; and `transitions` has everything but `always`, which has no event (`''`).
 */
export function edgeIdOf(transition: AnyTransitionDefinition): string {
  const { source, eventType } = transition;
  const alike: readonly AnyTransitionDefinition[] =
    source.transitions.get(eventType) ?? (eventType === '' ? source.always : undefined) ?? [];
  return edgeId(source.id, eventType, alike.indexOf(transition));
}
