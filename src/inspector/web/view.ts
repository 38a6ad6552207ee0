import type {
  ActorInfo,
  Frame,
  LogLine,
  Mark,
  ModelFigures,
  RequestRow,
  RouterFigures,
  Sample,
  StateValue,
  Traffic,
} from '../protocol.ts';

export const MAX_LOG_LINES = 10_000;
export const MAX_MARKS = 1_000;
export const MAX_REQUESTS = 1_000;
/** Half an hour. */
export const MAX_SAMPLES = 1_800;

export interface ActorView {
  readonly info: ActorInfo;
  /** null: it runs no chart. */
  readonly state: StateValue | null;
  /** How often each edge was taken since the inspector was attached. */
  readonly counts: Readonly<Record<string, number>>;
  /** Which edges were taken in the last frame that told of this actor, and when that was. */
  readonly fired: { readonly at: number; readonly edges: readonly string[] };
}

/** All that the page shows. Immutable: what a frame does not change keeps its identity. */
export interface View {
  /** The router's time at the last frame, in milliseconds since the Unix epoch; 0: nothing has come yet. */
  readonly at: number;
  /** When the inspector was made that tells of it. */
  readonly since: number;
  readonly actors: Readonly<Record<string, ActorView>>;
  readonly models: Readonly<Record<string, ModelFigures>>;
  readonly router: RouterFigures | null;
  readonly traffic: Traffic | null;
  /** Oldest first, as everything below. */
  readonly log: readonly LogLine[];
  /** Events that are not in the log because there were too many at once. */
  readonly dropped: number;
  readonly marks: readonly Mark[];
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
  readonly requests: readonly RequestRow[];
}

export const EMPTY: View = {
  at: 0,
  since: 0,
  actors: {},
  models: {},
  router: null,
  traffic: null,
  log: [],
  dropped: 0,
  marks: [],
  samples: {},
  requests: [],
};

const NOTHING_FIRED = { at: 0, edges: [] } as const;

/** What the page shows after a frame. */
export function apply(before: View, frame: Frame): View {
  const view = frame.full ? anew(before, frame.since ?? 0) : before;
  return {
    at: frame.at,
    since: view.since,
    actors: withActors(view.actors, frame),
    models: withModels(view.models, frame.models),
    router: frame.router ?? view.router,
    traffic: frame.traffic ?? view.traffic,
    log: appended(view.log, frame.log, MAX_LOG_LINES),
    dropped: view.dropped + (frame.dropped ?? 0),
    marks: appended(view.marks, newer(view.marks, frame.marks), MAX_MARKS),
    samples: withSamples(view.samples, frame.samples),
    requests: appended(view.requests, newer(view.requests, frame.requests), MAX_REQUESTS),
  };
}

/** What stays when everything else is told anew: what has happened, if the same inspector tells of it. */
function anew({ log, dropped, marks, samples, requests, since: known }: View, since: number): View {
  return known === since ? { ...EMPTY, since, log, dropped, marks, samples, requests } : { ...EMPTY, since };
}

/** A connection that was made anew tells again what is known. */
function newer<T extends { readonly n: number }>(
  known: readonly T[],
  told: readonly T[] | undefined,
): readonly T[] | undefined {
  const last = known.at(-1)?.n ?? 0;
  return told === undefined || (told[0]?.n ?? 0) > last ? told : told.filter(({ n }) => n > last);
}

function withActors(
  actors: View['actors'],
  { at, stopped = [], actors: added = [], states, taken }: Frame,
): View['actors'] {
  if (stopped.length === 0 && added.length === 0 && states === undefined && taken === undefined) return actors;
  const next: Record<string, ActorView> = { ...actors };
  for (const id of stopped) delete next[id];
  for (const info of added) next[info.id] = { info, state: null, counts: {}, fired: NOTHING_FIRED };
  for (const [id, state] of Object.entries(states ?? {})) {
    const actor = next[id];
    if (actor !== undefined) next[id] = { ...actor, state };
  }
  for (const [id, edges] of Object.entries(taken ?? {})) {
    const actor = next[id];
    if (actor === undefined) continue;
    const counts = { ...actor.counts };
    for (const [edge, count] of Object.entries(edges)) counts[edge] = (counts[edge] ?? 0) + count;
    next[id] = { ...actor, counts, fired: { at, edges: Object.keys(edges) } };
  }
  return next;
}

function withModels(models: View['models'], changed: Frame['models']): View['models'] {
  if (changed === undefined) return models;
  const next = { ...models };
  for (const [name, figures] of Object.entries(changed)) {
    if (figures === null) delete next[name];
    // The first that is told of a model is whole.
    else next[name] = { ...next[name], ...figures } as ModelFigures;
  }
  return next;
}

function withSamples(samples: View['samples'], added: readonly Sample[] | undefined): View['samples'] {
  if (added === undefined || added.length === 0) return samples;
  const byModel = new Map<string, Sample[]>();
  for (const sample of added) byModel.set(sample.model, [...(byModel.get(sample.model) ?? []), sample]);
  const next = { ...samples };
  for (const [model, list] of byModel) {
    const known = next[model] ?? [];
    const last = known.at(-1)?.at ?? 0;
    next[model] = appended(known, list[0]!.at > last ? list : list.filter(({ at }) => at > last), MAX_SAMPLES);
  }
  return next;
}

/** The newest `most` of both. */
function appended<T>(list: readonly T[], added: readonly T[] | undefined, most: number): readonly T[] {
  if (added === undefined || added.length === 0) return list;
  const all = list.length === 0 ? added : [...list, ...added];
  return all.length > most ? all.slice(-most) : all;
}
