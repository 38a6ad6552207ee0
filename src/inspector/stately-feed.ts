import type { ActorRefLike, AnyActorRef, InspectionEvent } from 'xstate';
import { eventFigures, type Figures, figuresOf } from './stately-figures.ts';
import type { Line } from './stately-line.ts';

type EventFigures = ReturnType<typeof eventFigures>;

interface SnapshotFigures {
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  readonly value?: unknown;
  readonly context?: Figures;
}

/** What is used of `@statelyai/inspect`; its own types would be asked for where it is not installed. */
export interface StatelyPackage {
  createInspector(
    adapter: { send(message: object): void },
    options: { readonly serializationDepthLimit: number },
  ): {
    actor(ref: AnyActorRef, snapshot: SnapshotFigures): void;
    event(sessionId: string, event: EventFigures, info: { readonly source?: string }): void;
    snapshot(sessionId: string, snapshot: SnapshotFigures, info: { readonly event: EventFigures }): void;
  };
}

/** Charts are nested deeper than the package prints by default. */
const DEEPEST_CHART = 64;

export interface Feed {
  /** Tells of the actors that are there. */
  announce(): void;
  /** Tells of what happens below the root; of anything else in its system nothing. */
  observe(inspected: InspectionEvent): void;
}

interface Snapshot extends Omit<SnapshotFigures, 'context'> {
  readonly context?: object;
  readonly children?: Readonly<Record<string, AnyActorRef | undefined>>;
}

/**
 * Puts what XState tells into the package's messages. Its own observer is not used: that puts whole snapshots into the
 * messages, one timer for each event, where nobody can catch what it throws.
 */
export function createFeed({ createInspector }: StatelyPackage, root: AnyActorRef, line: Line): Feed {
  let named: AnyActorRef | null = null;
  let missed = false;
  const send = (message: object): void => {
    // Actors are told of in any case: they are few, and what is told of an actor that is not known says nothing.
    if (named === null) missed ||= line.isBehind;
    if (named === null && missed) return;
    line.send(JSON.stringify({ ...message, rootId: root.sessionId, ...(named && identity(named, root)) }));
  };
  const stately = createInspector({ send }, { serializationDepthLimit: DEEPEST_CHART });

  const tellOf = (ref: AnyActorRef, snapshot: SnapshotFigures): void => {
    named = ref;
    stately.actor(ref, snapshot);
    named = null;
  };

  const announce = (): void => {
    missed = false;
    for (const ref of everyone(root)) tellOf(ref, snapshotFigures(ref.getSnapshot()));
  };

  return {
    announce,
    observe(inspected) {
      const ref = inspected.actorRef as AnyActorRef;
      if (!isBelow(ref, root)) return;
      // What was left out may have been an actor or the last word on one, so everyone is told of anew.
      if (missed && line.isClear) announce();
      const { sessionId } = ref;
      switch (inspected.type) {
        case '@xstate.actor':
          // It is only being made, and has no snapshot that could be asked for.
          return tellOf(ref, { status: 'active' });
        case '@xstate.event':
          return stately.event(sessionId, eventFigures(inspected.event), sourceOf(inspected.sourceRef, root));
        case '@xstate.snapshot': {
          const event = eventFigures(inspected.event);
          return stately.snapshot(sessionId, snapshotFigures(inspected.snapshot), { event });
        }
      }
    },
  };
}

/** The package names every actor after its chart, and the root's parent may be one that nobody is told of. */
const identity = (ref: AnyActorRef, root: AnyActorRef): object => ({
  ...(ref.id !== ref.sessionId && { name: ref.id }),
  parentId: ref === root ? undefined : ref._parent?.sessionId,
});

const sourceOf = (source: ActorRefLike | undefined, root: AnyActorRef): { readonly source?: string } =>
  source !== undefined && isBelow(source as AnyActorRef, root) ? { source: source.sessionId } : {};

const isBelow = (ref: AnyActorRef | undefined, root: AnyActorRef): boolean =>
  ref !== undefined && (ref === root || isBelow(ref._parent, root));

function everyone(ref: AnyActorRef): AnyActorRef[] {
  const { children = {} } = ref.getSnapshot() as Snapshot;
  return [ref, ...Object.values(children).flatMap((child) => (child === undefined ? [] : everyone(child)))];
}

/** The state of a chart and its figures; of what has no states only whether it runs. */
function snapshotFigures(snapshot: object): SnapshotFigures {
  const { status, value, context = {} } = snapshot as Snapshot;
  return value === undefined ? { status } : { status, value, context: figuresOf(context) };
}
