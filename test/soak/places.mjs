import { backingOffIn, waitingIn } from './invariants.mjs';

/**
 * Words that a model takes back by an event of its own: whoever is parked behind one of them is woken by it. Behind any
 * other, or an attempt, a parked request waits for another of its candidates.
 */
const TAKEN_BACK = ['circuit_open', 'half_open', 'rate_limited', 'paused', 'queue_full'];

/**
 * Looks at the router between two events, when all that the last one caused has happened: every pending request is in
 * exactly one place, nobody backs off for longer than was said, and nobody is parked beside a model that would take it.
 * @param late how much later than due a timer may ring
 * @param dueOf when a request is tried again, as its model has said
 */
export function createPlaces({ router, viewOf, refusal, hasRoom, now, late, dueOf }) {
  const overdue = [];

  function placesOf(context) {
    const places = new Map();
    const put = (id, place) => places.set(id, [...(places.get(id) ?? []), place]);
    for (const { id } of waitingIn(context.parked.all)) put(id, 'parked');
    for (const [name, ref] of [...Object.entries(context.models), ...Object.entries(context.leaving)]) {
      const { load } = ref.getSnapshot().context;
      for (const { id } of waitingIn(load.waiting)) put(id, `waiting at ${name}`);
      for (const { id } of backingOffIn(load)) {
        put(id, `backing off at ${name}`);
        if (dueOf(id) < now() - late) overdue.push(`${id} still backs off at ${name}, due ${now() - dueOf(id)} ms ago`);
      }
      for (const call of load.calls) if (call !== null) put(call.slip.id, `running at ${name}`);
    }
    return places;
  }

  function wronglyParked({ models, parked }) {
    const at = now();
    const slips = waitingIn(parked.all);
    if (slips.length === 0) return null;
    const views = Object.entries(models).map(([name, ref]) => [name, viewOf(ref.getSnapshot())]);
    for (const slip of slips) {
      for (const [name, view] of views) {
        if (!slip.candidates.includes(name)) continue;
        if (!hasRoom(view, at) || refusal(view, slip, at) !== null) continue;
        const word = slip.skipped.find(({ model }) => model === name)?.reason ?? 'an attempt';
        if (view.breaker !== 'half_open' && !TAKEN_BACK.includes(word)) continue;
        return `${slip.id} is parked, though ${name} (${view.breaker}) would take it; its last word was ${word}`;
      }
    }
    return null;
  }

  return {
    of: (id) => placesOf(router.actor.getSnapshot().context).get(id)?.[0] ?? 'nowhere',
    /** @param pending ids of the requests that are accepted and not settled */
    wrong(pending) {
      const { context } = router.actor.getSnapshot();
      const places = placesOf(context);
      if (overdue.length > 0) return overdue[0];
      for (const id of pending) {
        const found = places.get(id);
        if (found === undefined) return `${id} is pending and nowhere`;
        if (found.length > 1) return `${id} is in ${found.length} places: ${found.join(', ')}`;
        places.delete(id);
      }
      for (const [id, found] of places) return `${id} is settled and still ${found.join(', ')}`;
      return wronglyParked(context);
    },
  };
}
