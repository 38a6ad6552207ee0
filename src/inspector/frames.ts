import type { CacheStats } from '../cache/stats.ts';
import type { Router } from '../router.ts';
import { figuresOf, ruleInfosOf, type Times } from './figures.ts';
import type { Changes, Hub } from './hub.ts';
import type { Journal } from './journal.ts';
import type { LastMinute, MinuteSummary } from './last-minute.ts';
import type { Frame, ModelFigures, RouterFigures } from './protocol.ts';
import type { RequestLog } from './request-log.ts';
import type { Samples } from './samples.ts';

/** How far somebody has been told of what has happened. */
export interface Cursor {
  readonly marks: number;
  readonly samples: number;
  readonly requests: number;
}

export const FROM_THE_START: Cursor = { marks: 0, samples: 0, requests: 0 };

export interface FramePorts {
  readonly router: Router;
  readonly about: (model: string) => Parameters<typeof figuresOf>[1] | undefined;
  readonly pending: () => number;
  readonly cache: () => CacheStats | null;
  readonly times: () => Times;
  readonly hub: Hub;
  readonly journal: Journal;
  readonly samples: Samples;
  readonly requests: RequestLog;
  readonly minute: LastMinute;
  /** When the inspector was made. */
  readonly since: number;
}

/** Makes frames while somebody watches. States and figures are read from the actors at that moment, never remembered. */
export class Frames {
  readonly #ports: FramePorts;
  #summary: MinuteSummary;
  #cache: RouterFigures['cache'];
  #isSummaryTold = false;
  /** What `changes` has told of each model. */
  readonly #told = new Map<string, ModelFigures>();
  #cursor: Cursor;

  constructor(ports: FramePorts) {
    this.#ports = ports;
    this.#summary = ports.minute.summary(ports.times().now);
    this.#cache = this.#cacheFigures();
    this.#cursor = this.#present();
  }

  /** A second is over: what is counted by the minute is counted anew. */
  second(): void {
    const { minute, samples, times, router } = this.#ports;
    const { now, wallTimeOf } = times();
    this.#summary = minute.summary(now);
    this.#isSummaryTold = false;
    this.#cache = this.#cacheFigures();
    // Of a router that is over there is nothing more to be told.
    if (router.actor.getSnapshot().status === 'active') samples.take(wallTimeOf(now), this.#models());
  }

  /** Everything, and what has happened since then. @param missed events that are not told any more */
  whole(since: Cursor, missed: number): Frame {
    const { hub, since: made } = this.#ports;
    return {
      full: true,
      since: made,
      ...this.#happened(since),
      ...hub.whole(),
      models: this.#models(),
      router: this.#router(),
      traffic: this.#summary.traffic,
      ...(missed > 0 && { dropped: missed }),
    };
  }

  /** What has changed since it was asked last; null: nothing. */
  changes(): Frame | null {
    const changes = this.#ports.hub.changes();
    if (changes.changed.has('cache')) this.#cache = this.#cacheFigures();
    const happened = this.#happened(this.#cursor);
    const isNewSecond = !this.#isSummaryTold;
    const models = this.#changedModels(changes, isNewSecond);
    const frame: Frame = {
      full: false,
      ...happened,
      ...(changes.actors.length > 0 && { actors: changes.actors }),
      ...(changes.stopped.length > 0 && { stopped: changes.stopped }),
      ...(isFilled(changes.states) && { states: changes.states }),
      ...(isFilled(changes.taken) && { taken: changes.taken }),
      ...(changes.log.length > 0 && { log: changes.log }),
      ...(changes.dropped > 0 && { dropped: changes.dropped }),
      ...(isFilled(models) && { models }),
      ...((isNewSecond || changes.changed.has('router') || changes.changed.has('cache')) && {
        router: this.#router(),
      }),
      ...(isNewSecond && { traffic: this.#summary.traffic }),
    };
    this.#cursor = this.#present();
    this.#isSummaryTold = true;
    // `full` and `at` say nothing by themselves.
    return Object.keys(frame).length > 2 ? frame : null;
  }

  /** Up to where `changes` has told. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  #present(): Cursor {
    const { journal, samples, requests } = this.#ports;
    return { marks: journal.count, samples: samples.count, requests: requests.count };
  }

  #happened(since: Cursor): Pick<Frame, 'at' | 'marks' | 'samples' | 'requests'> {
    const { journal, samples, requests, times } = this.#ports;
    const { now, wallTimeOf } = times();
    return {
      at: wallTimeOf(now),
      ...(journal.count > since.marks && { marks: journal.after(since.marks) }),
      ...(samples.count > since.samples && { samples: samples.after(since.samples) }),
      ...(requests.count > since.requests && { requests: requests.after(since.requests) }),
    };
  }

  #router(): RouterFigures {
    const { rules, parked } = this.#ports.router.actor.getSnapshot().context;
    return {
      rules: ruleInfosOf(rules),
      pending: this.#ports.pending(),
      parked: parked.count,
      minute: this.#summary.router,
      cache: this.#cache,
    };
  }

  #cacheFigures(): RouterFigures['cache'] {
    const stats = this.#ports.cache();
    return stats && { state: stats.state, reason: stats.reason, entries: stats.entries };
  }

  #models(): Record<string, ModelFigures> {
    const figures: Record<string, ModelFigures> = {};
    for (const name of this.#modelNames()) {
      const made = this.#figures(name);
      if (made !== null) figures[name] = made;
    }
    return figures;
  }

  #changedModels({ changed }: Changes, isNewSecond: boolean): Record<string, Partial<ModelFigures> | null> {
    const names = this.#modelNames();
    const changes: Record<string, Partial<ModelFigures> | null> = {};
    for (const name of this.#told.keys()) {
      if (names.includes(name)) continue;
      changes[name] = null;
      this.#told.delete(name);
    }
    for (const name of names) {
      if (!isNewSecond && !changed.has(`model:${name}`)) continue;
      const figures = this.#figures(name);
      if (figures === null) continue;
      const different = differences(this.#told.get(name), figures);
      if (isFilled(different)) changes[name] = different;
      this.#told.set(name, figures);
    }
    return changes;
  }

  #modelNames(): string[] {
    const { models, leaving } = this.#ports.router.actor.getSnapshot().context;
    return [...Object.keys(models), ...Object.keys(leaving)];
  }

  #figures(name: string): ModelFigures | null {
    const { models, leaving } = this.#ports.router.actor.getSnapshot().context;
    const ref = models[name] ?? leaving[name];
    const about = this.#ports.about(name);
    if (ref === undefined || about === undefined) return null;
    return figuresOf(ref.getSnapshot(), about, this.#summary.of(name), this.#ports.times());
  }
}

/** Those of the figures that are not as before. */
function differences(before: ModelFigures | undefined, now: ModelFigures): Partial<ModelFigures> {
  if (before === undefined) return now;
  const different: Record<string, unknown> = {};
  for (const key of Object.keys(now) as (keyof ModelFigures)[]) {
    const [old, value] = [before[key], now[key]];
    if (old === value) continue;
    if (typeof value !== 'object' || JSON.stringify(old) !== JSON.stringify(value)) different[key] = value;
  }
  return different;
}

function isFilled(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return true;
  return false;
}
