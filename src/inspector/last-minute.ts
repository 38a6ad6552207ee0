import type { AttemptFailed, RequestSettled } from '../../machines/settlement.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../queue/priority.ts';
import type { ModelFigures, RouterFigures, Traffic } from './protocol.ts';
import { RecentDurations } from './recent.ts';
import { cacheWordOf } from './request-log.ts';

const SECONDS = 60;
const MINUTE_MS = SECONDS * 1_000;

type ByClass = Record<PriorityClass, number>;
type Calls = Pick<ModelFigures['minute'], 'successes' | 'failures' | 'rateLimited'>;
type Outcomes = Record<'served' | 'failed' | 'cancelled', number>;

/** What was counted in one second, and what a whole minute comes to. */
class Counts {
  /** Which second it is, on the router's clock. */
  second = Number.NEGATIVE_INFINITY;
  readonly outcomes: Outcomes = { served: 0, failed: 0, cancelled: 0 };
  readonly settled = noneByClass();
  readonly cache = { exact: 0, semantic: 0, shared: 0, missed: 0 };
  /** By the rule, null when none matched, then by the model that was called first. */
  readonly first = new Map<string | null, Map<string, ByClass>>();
  /** By the model that did not serve, then by the next one. */
  readonly fallback = new Map<string, Map<string, number>>();
  readonly calls = new Map<string, { -readonly [Outcome in keyof Calls]: number }>();

  add(other: Counts): void {
    addTo(this.outcomes, other.outcomes);
    addTo(this.settled, other.settled);
    addTo(this.cache, other.cache);
    for (const [rule, models] of other.first) {
      const own = entry(this.first, rule, noModels<ByClass>);
      for (const [model, counts] of models) addTo(entry(own, model, noneByClass), counts);
    }
    for (const [model, counts] of other.calls) addTo(entry(this.calls, model, noCalls), counts);
    for (const [from, counts] of other.fallback) {
      const own = entry(this.fallback, from, noModels<number>);
      for (const [to, count] of counts) own.set(to, (own.get(to) ?? 0) + count);
    }
  }

  /** As if there had never been such a model. */
  forget(model: string): void {
    for (const models of this.first.values()) models.delete(model);
    this.calls.delete(model);
    this.fallback.delete(model);
    for (const counts of this.fallback.values()) counts.delete(model);
  }
}

const noneByClass = (): ByClass => ({ critical: 0, high: 0, normal: 0, low: 0 });
const noModels = <Value>() => new Map<string, Value>();
const noCalls = () => ({ successes: 0, failures: 0, rateLimited: 0 });

function addTo<Key extends string>(sum: Record<Key, number>, other: Readonly<Record<Key, number>>): void {
  for (const key of Object.keys(other) as Key[]) sum[key] += other[key];
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

interface Durations {
  readonly latency: RecentDurations;
  readonly firstToken: RecentDurations;
}

const noDurations = (): Durations => ({ latency: new RecentDurations(), firstToken: new RecentDurations() });

export interface MinuteSummary {
  readonly router: RouterFigures['minute'];
  readonly traffic: Traffic;
  of(model: string): ModelFigures['minute'];
}

/** What happened in the last minute, counted by the second. Its memory depends on the number of models alone. */
export class LastMinute {
  readonly #seconds = Array.from({ length: SECONDS }, () => new Counts());
  readonly #durations = new Map<string, Durations>();
  readonly #firstTokens = new RecentDurations();
  readonly #since: number;
  readonly #isThere: (model: string) => boolean;

  /**
   * @param since from when on it is told, on the router's clock
   * @param isThere whether there is such a model; of one that is gone nothing is counted
   */
  constructor(since: number, isThere: (model: string) => boolean) {
    this.#since = since;
    this.#isThere = isThere;
  }

  settled(event: RequestSettled): void {
    const { slip, key, verdict, at } = event.settlement;
    const counts = this.#countsAt(at);
    counts.outcomes[verdict === 'served' ? 'served' : verdict === 'aborted' ? 'cancelled' : 'failed']++;
    counts.settled[key.class]++;
    const word = cacheWordOf(event.settlement);
    if (word !== undefined) counts.cache[word]++;
    let before: string | null = null;
    for (const { model, firstTokenMs } of slip?.attempts ?? []) {
      if (firstTokenMs !== undefined) this.#firstTokens.record(at, firstTokenMs);
      if (!this.#isThere(model)) continue;
      if (before === null) {
        entry(entry(counts.first, slip!.rule, noModels<ByClass>), model, noneByClass)[key.class]++;
      } else if (model !== before) {
        const next = entry(counts.fallback, before, noModels<number>);
        next.set(model, (next.get(model) ?? 0) + 1);
      }
      before = model;
    }
    this.called(event);
  }

  /** Counts the calls of it that succeeded; those that failed have been told by `failed` when they did. */
  called({ settlement: { slip, at } }: RequestSettled): void {
    for (const { model, outcome, ms, firstTokenMs } of slip?.attempts ?? []) {
      if (!this.#isThere(model)) continue;
      const durations = entry(this.#durations, model, noDurations);
      if (firstTokenMs !== undefined) durations.firstToken.record(at, firstTokenMs);
      if (outcome !== 'success') continue;
      entry(this.#countsAt(at).calls, model, noCalls).successes++;
      durations.latency.record(at, ms);
    }
  }

  failed({ model, outcome, at }: AttemptFailed): void {
    if (!this.#isThere(model) || (outcome !== 'failure' && outcome !== 'rate_limited')) return;
    entry(this.#countsAt(at).calls, model, noCalls)[outcome === 'failure' ? 'failures' : 'rateLimited']++;
  }

  /** A model has gone; a new one of its name begins from nothing. */
  forget(model: string): void {
    this.#durations.delete(model);
    for (const counts of this.#seconds) counts.forget(model);
  }

  /** All of it, as of now. */
  summary(now: number): MinuteSummary {
    const since = now - MINUTE_MS;
    const sum = new Counts();
    for (const counts of this.#seconds) if (counts.second * 1_000 > since) sum.add(counts);
    // Asked with every frame, counted once a second.
    const byModel = new Map<string, ModelFigures['minute']>();
    return {
      router: {
        seconds: Math.max(1, Math.min(SECONDS, Math.round((now - this.#since) / 1_000))),
        ...sum.outcomes,
        timeToFirstTokenMs: this.#firstTokens.percentilesSince(since),
        cache: sum.cache,
      },
      traffic: {
        first: [...sum.first].flatMap(([rule, models]) =>
          [...models].flatMap(([model, counts]) =>
            PRIORITY_CLASSES.filter((priority) => counts[priority] > 0).map((priority) => ({
              priority,
              rule,
              model,
              count: counts[priority],
            })),
          ),
        ),
        fallback: [...sum.fallback].flatMap(([from, counts]) =>
          [...counts].map(([to, count]) => ({ from, to, count })),
        ),
        settled: sum.settled,
      },
      of: (model) =>
        entry(byModel, model, () => {
          const { latency, firstToken } = this.#durations.get(model) ?? NO_DURATIONS;
          return {
            ...(sum.calls.get(model) ?? noCalls()),
            latencyMs: latency.percentilesSince(since),
            timeToFirstTokenMs: firstToken.percentilesSince(since),
          };
        }),
    };
  }

  #countsAt(at: number): Counts {
    const second = Math.floor(at / 1_000);
    const place = ((second % SECONDS) + SECONDS) % SECONDS;
    const known = this.#seconds[place]!;
    if (known.second === second) return known;
    const begun = new Counts();
    begun.second = second;
    this.#seconds[place] = begun;
    return begun;
  }
}

const NO_DURATIONS = noDurations();
