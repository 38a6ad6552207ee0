import {
  type AnyActorScope,
  type AnyEventObject,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventFromLogic,
  fromTransition,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';

export interface SentEvent {
  /** The id of the actor that it was sent to; null: the machine itself. */
  readonly to: string | null;
  readonly event: AnyEventObject;
}

/** What a step has sent and emitted, in that order each. Nothing is delivered. */
export interface Effects<TMachine extends AnyStateMachine> {
  readonly sent: readonly SentEvent[];
  readonly emitted: readonly EmittedFrom<TMachine>[];
}

/** One event in one state: a macrostep of the machine, raised events and eventless transitions included. */
export interface Step<TMachine extends AnyStateMachine> {
  readonly before: SnapshotFrom<TMachine>;
  readonly event: EventFromLogic<TMachine>;
  readonly after: SnapshotFrom<TMachine>;
  readonly effects: Effects<TMachine>;
}

export interface ExploreOptions<TMachine extends AnyStateMachine> {
  readonly machine: TMachine;
  readonly input: InputFrom<TMachine>;
  /** What can happen in a state. Delays do not pass by themselves: their events belong among these. */
  readonly eventsAt: (snapshot: SnapshotFrom<TMachine>) => readonly EventFromLogic<TMachine>[];
  /** Two snapshots with the same key are one state, of which the first that was reached stands for all. */
  readonly keyOf: (snapshot: SnapshotFrom<TMachine>) => string;
  /** New states beyond this number are left out; every step from those within it is taken all the same. */
  readonly maxStates: number;
  /** Called once for each state, before its steps. What it throws ends the exploration and is thrown on. */
  readonly onState?: (snapshot: SnapshotFrom<TMachine>) => void;
  /** Called for each step, those to known states included. What it throws ends the exploration and is thrown on. */
  readonly onStep?: (step: Step<TMachine>) => void;
}

export interface Exploration<TMachine extends AnyStateMachine> {
  readonly states: number;
  readonly transitions: number;
  /** Every state that can be reached was: none was left out for `maxStates`. */
  readonly isComplete: boolean;
  /**
   * The events of a shortest way from the initial state to the state of this snapshot, empty for the initial state;
   * null when it was not reached. Sent to the machine in this order, they lead there.
   */
  readonly pathTo: (snapshot: SnapshotFrom<TMachine>) => EventFromLogic<TMachine>[] | null;
}

/** How a state was first reached. */
interface Arrival<TEvent> {
  readonly from: Arrival<TEvent> | null;
  readonly event: TEvent | null;
}

/** Takes every event that can happen in every state that can be reached, breadth first, by the very machine. */
export function explore<TMachine extends AnyStateMachine>(options: ExploreOptions<TMachine>): Exploration<TMachine> {
  type Event = EventFromLogic<TMachine>;
  interface Place {
    readonly snapshot: SnapshotFrom<TMachine>;
    readonly arrival: Arrival<Event>;
  }
  const { machine, eventsAt, keyOf, maxStates, onState, onStep } = options;
  const recorder = effectsRecorder<TMachine>();
  const initial = machine.getInitialSnapshot(recorder.scope, options.input) as SnapshotFrom<TMachine>;
  const start: Arrival<Event> = { from: null, event: null };
  const arrivals = new Map([[keyOf(initial), start]]);
  let transitions = 0;
  let isComplete = true;

  const placesAfter = ({ snapshot: before, arrival }: Place): Place[] => {
    onState?.(before);
    const places: Place[] = [];
    for (const event of eventsAt(before)) {
      const effects = recorder.begin();
      const after = machine.transition(before, event, recorder.scope) as SnapshotFrom<TMachine>;
      transitions++;
      onStep?.({ before, event, after, effects });
      const key = keyOf(after);
      if (arrivals.has(key)) continue;
      if (arrivals.size >= maxStates) {
        isComplete = false;
        continue;
      }
      const next: Arrival<Event> = { from: arrival, event };
      arrivals.set(key, next);
      places.push({ snapshot: after, arrival: next });
    }
    return places;
  };

  // One distance after the other, so that snapshots are let go of as soon as their steps are taken.
  let frontier: Place[] = [{ snapshot: initial, arrival: start }];
  while (frontier.length > 0) frontier = frontier.flatMap(placesAfter);

  return {
    states: arrivals.size,
    transitions,
    isComplete,
    pathTo(snapshot) {
      const events: Event[] = [];
      const arrival = arrivals.get(keyOf(snapshot));
      for (let at = arrival; at?.from; at = at.from) events.push(at.event!);
      return arrival === undefined ? null : events.reverse();
    },
  };
}

/** An actor that is nobody's, as whom the machine runs, and what is sent and emitted in its name. */
export function effectsRecorder<TMachine extends AnyStateMachine>() {
  const self = createActor(fromTransition((state: undefined) => state, undefined));
  let sent: SentEvent[] = [];
  let emitted: EmittedFrom<TMachine>[] = [];
  const scope: AnyActorScope = {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    actionExecutor({ type, params }) {
      if (type === 'xstate.emit') emitted.push((params as { event: EmittedFrom<TMachine> }).event);
      if (type !== 'xstate.sendTo') return;
      const { to, event } = params as { to: { id: string }; event: AnyEventObject };
      sent.push({ to: to === (self as unknown) ? null : to.id, event });
    },
  };
  return {
    scope,
    /** What the next step does; read it when the step is over. */
    begin(): Effects<TMachine> {
      sent = [];
      emitted = [];
      return { sent, emitted };
    },
  };
}
