import type { AnyTransitionDefinition, InspectionEvent, Subscription } from 'xstate';
import type { RouterRef } from '../../machines/request.ts';
import { edgeIdOf } from './chart/edge-id.ts';
import type { ActorInfo, ActorKind, LogLine, StateValue } from './protocol.ts';

/** An actor as XState hands it to an inspector. */
interface InspectedRef {
  readonly id: string;
  readonly _parent?: InspectedRef;
  readonly logic?: { readonly id?: string };
  getSnapshot(): {
    readonly status: string;
    readonly value?: unknown;
    readonly children?: Readonly<Record<string, InspectedRef | undefined>>;
  };
}

interface Edge {
  readonly id: string;
  total: number;
  /** Of `total`, those that a frame has told. */
  told: number;
}

interface ActorRecord {
  readonly ref: InspectedRef;
  readonly info: ActorInfo;
  readonly edges: Map<AnyTransitionDefinition, Edge>;
  /** As JSON; what was told last. */
  state: string | undefined;
  isChanged: boolean;
}

/** What has changed since the last time it was asked. */
export interface Changes {
  readonly actors: readonly ActorInfo[];
  readonly stopped: readonly string[];
  readonly states: Readonly<Record<string, StateValue>>;
  readonly taken: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly log: readonly LogLine[];
  readonly dropped: number;
  /** Actors that were told an event by which they moved. */
  readonly changed: ReadonlySet<string>;
}

export interface HubPorts {
  readonly root: RouterRef;
  /** The time of the wall by the router's clock. */
  readonly wallNow: () => number;
  /** Something has changed, for the first time since `changes` was asked. */
  readonly onChange: () => void;
  /** The observer itself has failed: it goes on. */
  readonly onError: (error: unknown) => void;
}

/** Lines of the log between two frames: a thousand a second are more than anybody reads. */
const MAX_LINES = 50;

const KINDS: readonly (string | undefined)[] = ['llm-router', 'model', 'cache'] satisfies ActorKind[];

/**
 * Follows the actors of a router that runs already, through `system.inspect`: which there are, in which state, which
 * edges fired, which events were sent. It keeps names and counts only; what an event carries is never looked at. It
 * costs the router nothing while it is detached, and throws nothing into it: an observer that throws ends up in
 * whichever actor was just sending.
 */
export class Hub {
  readonly #ports: HubPorts;
  readonly #records = new Map<unknown, ActorRecord>();
  readonly #byId = new Map<string, ActorRecord>();
  #subscription: Subscription | null = null;
  #ending: Subscription | null = null;
  #added: ActorInfo[] = [];
  #stopped: string[] = [];
  #changed: ActorRecord[] = [];
  #log: LogLine[] = [];
  #dropped = 0;
  #events = 0;
  #isQuiet = true;

  constructor(ports: HubPorts) {
    this.#ports = ports;
  }

  get isAttached(): boolean {
    return this.#subscription !== null;
  }

  attach(): void {
    if (this.#subscription !== null) return;
    this.#enrol(this.#ports.root as unknown as InspectedRef, null);
    this.#subscription = this.#ports.root.system.inspect((event: InspectionEvent) => {
      try {
        this.#observe(event);
      } catch (error) {
        this.#ports.onError(error);
      }
    });
    // How a system ends is told to no inspector.
    const onEnd = (): void => {
      for (const record of this.#byId.values()) this.#touch(record);
    };
    this.#ending = this.#ports.root.subscribe({ complete: onEnd, error: onEnd });
  }

  /** Forgets everything but how many events there were. */
  detach(): void {
    this.#subscription?.unsubscribe();
    this.#ending?.unsubscribe();
    this.#subscription = null;
    this.#records.clear();
    this.#byId.clear();
    this.#forgetChanges();
  }

  /** All there is now, with the counts since it was attached. Changes that nobody has asked for stay to be told. */
  whole(): Pick<Changes, 'actors' | 'states' | 'taken'> {
    this.#sweep();
    const records = [...this.#byId.values()];
    return {
      actors: records.map(({ info }) => info),
      states: Object.fromEntries(
        records.flatMap(({ ref, info }) => {
          const state = stateOf(ref);
          return state === undefined ? [] : [[info.id, state]];
        }),
      ),
      taken: countsOf(records, ({ total }) => total),
    };
  }

  changes(): Changes {
    this.#sweep();
    const changed = this.#changed.filter(({ info, ref }) => this.#byId.get(info.id)?.ref === ref);
    const states: Record<string, StateValue> = {};
    for (const record of changed) {
      const state = stateOf(record.ref);
      if (state === undefined) continue;
      const text = JSON.stringify(state);
      if (text !== record.state) states[record.info.id] = state;
      record.state = text;
    }
    const changes: Changes = {
      actors: this.#added,
      stopped: this.#stopped,
      states,
      taken: countsOf(changed, ({ total, told }) => total - told),
      log: this.#log,
      dropped: this.#dropped,
      changed: new Set(changed.map(({ info }) => info.id)),
    };
    for (const { edges } of changed) for (const edge of edges.values()) edge.told = edge.total;
    this.#forgetChanges();
    return changes;
  }

  #forgetChanges(): void {
    for (const record of this.#changed) record.isChanged = false;
    this.#added = [];
    this.#stopped = [];
    this.#changed = [];
    this.#log = [];
    this.#dropped = 0;
    this.#isQuiet = true;
  }

  #observe(event: InspectionEvent): void {
    switch (event.type) {
      case '@xstate.microstep': {
        const record = this.#records.get(event.actorRef);
        if (record === undefined) return;
        for (const transition of event._transitions) count(record.edges, transition);
        this.#touch(record);
        return;
      }
      case '@xstate.event': {
        const to = this.#records.get(event.actorRef);
        if (to === undefined) return;
        const n = ++this.#events;
        if (this.#log.length >= MAX_LINES) {
          this.#dropped++;
          return;
        }
        const from = event.sourceRef === undefined ? undefined : this.#records.get(event.sourceRef);
        this.#log.push({
          n,
          at: this.#ports.wallNow(),
          from: from?.info.id ?? null,
          to: to.info.id,
          event: event.event.type,
        });
        this.#announce();
        return;
      }
      case '@xstate.actor': {
        const ref = event.actorRef as unknown as InspectedRef;
        const parent = ref._parent === undefined ? undefined : this.#records.get(ref._parent);
        if (parent !== undefined) this.#enrol(ref, parent.info.id);
        return;
      }
    }
  }

  /** An actor and all below it. */
  #enrol(ref: InspectedRef, parent: string | null): void {
    // No name of a model has this sign in it.
    const id = parent === null ? 'router' : parent === 'router' ? ref.id : `${parent}#${ref.id}`;
    const former = this.#byId.get(id);
    if (former !== undefined) this.#strike(former);
    const kind = (KINDS.includes(ref.logic?.id) ? ref.logic!.id : 'logic') as ActorKind;
    const record: ActorRecord = {
      ref,
      info: { id, parent, kind },
      edges: new Map(),
      state: undefined,
      isChanged: false,
    };
    this.#records.set(ref, record);
    this.#byId.set(id, record);
    this.#added.push(record.info);
    this.#touch(record);
    // An actor that is just being made has no snapshot yet; its children are announced one by one.
    if (this.#subscription !== null) return;
    for (const child of Object.values(ref.getSnapshot().children ?? {}))
      if (child !== undefined) this.#enrol(child, id);
  }

  /** Takes out what has stopped: XState announces it to nobody, but it is no longer among its parent's children. */
  #sweep(): void {
    for (const record of this.#byId.values()) {
      const { parent, id } = record.info;
      if (parent === null) continue;
      const holder = this.#byId.get(parent);
      const isHeld = holder?.ref.getSnapshot().children?.[record.ref.id] === record.ref;
      if (!isHeld && this.#byId.get(id) === record) this.#strike(record);
    }
  }

  #strike(record: ActorRecord): void {
    const { id } = record.info;
    this.#records.delete(record.ref);
    this.#byId.delete(id);
    // Nobody was told of one that came and went between two frames.
    const unknown = this.#added.indexOf(record.info);
    if (unknown === -1) this.#stopped.push(id);
    else this.#added.splice(unknown, 1);
  }

  #touch(record: ActorRecord): void {
    if (!record.isChanged) {
      record.isChanged = true;
      this.#changed.push(record);
    }
    this.#announce();
  }

  #announce(): void {
    if (!this.#isQuiet) return;
    this.#isQuiet = false;
    this.#ports.onChange();
  }
}

/** Of one that was stopped or has failed: that word, because the last value is not true any more. undefined: no chart. */
function stateOf(ref: InspectedRef): StateValue | undefined {
  const { value, status } = ref.getSnapshot();
  if (value === undefined) return undefined;
  return status === 'stopped' || status === 'error' ? status : (value as StateValue);
}

function count(edges: ActorRecord['edges'], transition: AnyTransitionDefinition): void {
  const edge = edges.get(transition);
  if (edge !== undefined) edge.total++;
  else edges.set(transition, { id: edgeIdOf(transition), total: 1, told: 0 });
}

function countsOf(records: readonly ActorRecord[], countOf: (edge: Edge) => number): Changes['taken'] {
  const taken: Record<string, Record<string, number>> = {};
  for (const { info, edges } of records) {
    const counts: Record<string, number> = {};
    for (const edge of edges.values()) {
      const fired = countOf(edge);
      if (fired > 0) counts[edge.id] = (counts[edge.id] ?? 0) + fired;
    }
    if (Object.keys(counts).length > 0) taken[info.id] = counts;
  }
  return taken;
}
