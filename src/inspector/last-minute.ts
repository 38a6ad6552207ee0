import type { RequestSettled } from '../../machines/settlement.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../queue/priority.ts';
import type { ModelFigures, RouterFigures, Traffic } from './protocol.ts';
import { RecentDurations } from './recent.ts';
import { cacheWordOf } from './request-log.ts';

const SECONDS = 60;
const MINUTE_MS = SECONDS * 1_000;

type Outcome = 'served' | 'failed' | 'cancelled';
type CallOutcome = 'successes' | 'failures' | 'rateLimited';

/** What was counted in one second, each under a key of its own. */
type Counts = Map<string, { readonly what: What; count: number }>;
type What =
  | { readonly of: 'settled'; readonly outcome: Outcome; readonly priority: PriorityClass }
  | { readonly of: 'cache'; readonly word: NonNullable<ReturnType<typeof cacheWordOf>> }
  | { readonly of: 'first'; readonly priority: PriorityClass; readonly model: string }
  | { readonly of: 'fallback'; readonly from: string; readonly to: string }
  | { readonly of: 'call'; readonly model: string; readonly outcome: CallOutcome };

interface Durations {
  readonly latency: RecentDurations;
  readonly firstToken: RecentDurations;
}

const CALLS: Readonly<Partial<Record<string, CallOutcome>>> = {
  success: 'successes',
  failure: 'failures',
  rate_limited: 'rateLimited',
};

/** What happened in the last minute, counted by the second. Constant memory, whatever the traffic. */
export class LastMinute {
  readonly #seconds: { second: number; counts: Counts }[] = Array.from({ length: SECONDS }, () => ({
    second: Number.NEGATIVE_INFINITY,
    counts: new Map(),
  }));
  readonly #durations = new Map<string, Durations>();
  readonly #firstTokens = new RecentDurations();
  readonly #since: number;

  /** @param since from when on it is told, on the router's clock */
  constructor(since: number) {
    this.#since = since;
  }

  settled(event: RequestSettled): void {
    const { slip, key, verdict, at } = event.settlement;
    const counts = this.#countsAt(at);
    const outcome: Outcome = verdict === 'served' ? 'served' : verdict === 'aborted' ? 'cancelled' : 'failed';
    add(counts, `settled ${outcome} ${key.class}`, { of: 'settled', outcome, priority: key.class });
    const word = cacheWordOf(event.settlement);
    if (word !== undefined) add(counts, `cache ${word}`, { of: 'cache', word });
    let before: string | null = null;
    for (const { model, firstTokenMs } of slip?.attempts ?? []) {
      if (before === null) add(counts, `first ${key.class} ${model}`, { of: 'first', priority: key.class, model });
      else if (model !== before)
        add(counts, `fallback ${before} ${model}`, { of: 'fallback', from: before, to: model });
      before = model;
      if (firstTokenMs !== undefined) this.#firstTokens.record(at, firstTokenMs);
    }
    this.called(event);
  }

  /** Counts its calls for the models alone. */
  called({ settlement: { slip, at } }: RequestSettled): void {
    const counts = this.#countsAt(at);
    for (const { model, outcome, ms, firstTokenMs } of slip?.attempts ?? []) {
      const counted = CALLS[outcome];
      if (counted !== undefined) add(counts, `call ${counted} ${model}`, { of: 'call', model, outcome: counted });
      const durations = this.#durationsOf(model);
      if (counted === 'successes') durations.latency.record(at, ms);
      if (firstTokenMs !== undefined) durations.firstToken.record(at, firstTokenMs);
    }
  }

  /** A model has gone; a new one of its name begins from nothing. */
  forget(model: string): void {
    this.#durations.delete(model);
    for (const { counts } of this.#seconds) {
      for (const [key, { what }] of counts) if (what.of === 'call' && what.model === model) counts.delete(key);
    }
  }

  /** All of it, as of now. */
  summary(now: number): MinuteSummary {
    const since = now - MINUTE_MS;
    const calls = new Map<string, Record<CallOutcome, number>>();
    const outcomes: Record<Outcome, number> = { served: 0, failed: 0, cancelled: 0 };
    const cache = { exact: 0, semantic: 0, shared: 0, missed: 0 };
    const settled = Object.fromEntries(PRIORITY_CLASSES.map((priority) => [priority, 0])) as Record<
      PriorityClass,
      number
    >;
    const first = new Map<string, Traffic['first'][number]>();
    const fallback = new Map<string, Traffic['fallback'][number]>();
    for (const [key, { what, count }] of this.#entriesSince(since)) {
      switch (what.of) {
        case 'settled':
          outcomes[what.outcome] += count;
          settled[what.priority] += count;
          break;
        case 'cache':
          cache[what.word] += count;
          break;
        case 'call': {
          const known = calls.get(what.model) ?? { successes: 0, failures: 0, rateLimited: 0 };
          known[what.outcome] += count;
          calls.set(what.model, known);
          break;
        }
        case 'first':
          first.set(key, { priority: what.priority, model: what.model, count: count + (first.get(key)?.count ?? 0) });
          break;
        case 'fallback':
          fallback.set(key, { from: what.from, to: what.to, count: count + (fallback.get(key)?.count ?? 0) });
          break;
      }
    }
    // Asked with every frame, counted once a second.
    const byModel = new Map<string, ModelFigures['minute']>();
    const figuresOf = (model: string): ModelFigures['minute'] => {
      const durations = this.#durations.get(model);
      return {
        ...(calls.get(model) ?? NO_CALLS),
        latencyMs: durations?.latency.percentilesSince(since) ?? NO_DURATIONS,
        timeToFirstTokenMs: durations?.firstToken.percentilesSince(since) ?? NO_DURATIONS,
      };
    };
    return {
      router: {
        seconds: Math.max(1, Math.min(SECONDS, Math.round((now - this.#since) / 1_000))),
        ...outcomes,
        timeToFirstTokenMs: this.#firstTokens.percentilesSince(since),
        cache,
      },
      traffic: { first: [...first.values()], fallback: [...fallback.values()], settled },
      of: (model) => {
        const known = byModel.get(model) ?? figuresOf(model);
        byModel.set(model, known);
        return known;
      },
    };
  }

  *#entriesSince(since: number): Generator<[string, { readonly what: What; readonly count: number }]> {
    for (const { second, counts } of this.#seconds) if (second * 1_000 > since) yield* counts;
  }

  #countsAt(at: number): Counts {
    const second = Math.floor(at / 1_000);
    const place = this.#seconds[((second % SECONDS) + SECONDS) % SECONDS]!;
    if (place.second !== second) {
      place.second = second;
      place.counts.clear();
    }
    return place.counts;
  }

  #durationsOf(model: string): Durations {
    const known = this.#durations.get(model);
    if (known !== undefined) return known;
    const made = { latency: new RecentDurations(), firstToken: new RecentDurations() };
    this.#durations.set(model, made);
    return made;
  }
}

export interface MinuteSummary {
  readonly router: RouterFigures['minute'];
  readonly traffic: Traffic;
  of(model: string): ModelFigures['minute'];
}

const NO_CALLS = { successes: 0, failures: 0, rateLimited: 0 };
const NO_DURATIONS = { p50: null, p95: null, p99: null };

function add(counts: Counts, key: string, what: What): void {
  const known = counts.get(key);
  if (known === undefined) counts.set(key, { what, count: 1 });
  else known.count++;
}
