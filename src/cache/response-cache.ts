import type { CacheReportEvent, EmbedderEvent } from '../../machines/cache/events.ts';
import type { CachePort } from '../../machines/ports.ts';
import type { Settlement } from '../../machines/settlement.ts';
import type { Entry } from '../entry.ts';
import type { Settled } from '../ledger.ts';
import type { AcceptedRequest } from '../request.ts';
import {
  ASKED,
  ASKED_ONLY,
  type CacheVerdict,
  type MissReason,
  notCached,
  REFRESHED,
} from '../routing/cache-verdict.ts';
import { type Slip, withVerdict } from '../routing/slip.ts';
import { notCacheable } from './cacheable.ts';
import type { CacheEntry } from './entries.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';
import { Flight, type Passenger } from './flights.ts';
import type { CacheHost } from './host.ts';
import type { ResolvedCacheOptions } from './options.ts';
import { chunksOf } from './replay.ts';
import type { Found } from './semantic-tier.ts';
import type { CacheStats } from './stats.ts';
import { Storage } from './storage.ts';

type Report = (event: CacheReportEvent) => void;
type Miss = Extract<CacheVerdict, { status: 'miss' }>;

/** What is known of a request that may be stored, until it is settled. */
interface Pending {
  /** The model or the rule that it goes to; null: any model. */
  readonly target: string | null;
  readonly cacheScope: string | null;
  asked: Fingerprint | null;
  vector: Float32Array | null;
  flight: Flight | null;
}

/** The cache of a router: looks requests up, lets identical ones share a call, and stores what they come to. */
export class ResponseCache implements CachePort {
  readonly storage: Storage;
  readonly #host: CacheHost;
  readonly #options: ResolvedCacheOptions;
  readonly #pending = new Map<string, Pending>();
  /** Those that others can still join. */
  readonly #flights = new Map<string, Flight>();
  /** By the id of the call that they share. */
  readonly #calls = new Map<string, Flight>();
  readonly #counts = { exact: 0, semantic: 0, misses: 0, shared: 0 };

  constructor(options: ResolvedCacheOptions, host: CacheHost) {
    this.#options = options;
    this.#host = host;
    this.storage = new Storage(options, host);
  }

  /** What is known of a request before it is looked up. */
  verdictOf({ cache = 'use', content }: AcceptedRequest): CacheVerdict {
    if (cache === 'only') return ASKED_ONLY;
    const reason = notCacheable(content, cache, this.#options);
    if (reason !== null) return notCached(reason);
    return cache === 'refresh' ? REFRESHED : ASKED;
  }

  /** A request has been accepted whose answer may be looked up or stored. */
  accept({ id, rule, terms }: Slip, { model = 'auto', cacheScope }: AcceptedRequest): void {
    if (terms.cache?.status === 'not_cached') return;
    const target = rule !== null ? `rule:${rule}` : model !== 'auto' ? `model:${model}` : null;
    this.#pending.set(id, { target, cacheScope: cacheScope ?? null, asked: null, vector: null, flight: null });
  }

  load(report: (event: EmbedderEvent) => void): void {
    void this.storage.load(report);
  }

  lookUp(slip: Slip, isSemantic: boolean, report: Report): void {
    const request = this.#host.request(slip.id);
    const pending = this.#pending.get(slip.id);
    if (request === undefined || pending === undefined) return;
    const asked = this.#fingerprint(request, pending);
    if (asked === null) {
      this.#reportUnfit(slip, report);
      return;
    }
    pending.asked = asked;
    const entry = this.storage.entries.get(asked.key);
    if (entry !== undefined) {
      this.#hit(slip, request, entry, { status: 'hit', kind: 'exact' }, report);
      return;
    }
    const passenger: Passenger = { slip, isOnly: slip.terms.cache?.status === 'asked_only', report };
    const isShared = this.#options.singleFlight && request.sink === null;
    const key = isShared ? flightKey(asked, slip) : slip.id;
    const known = this.#flights.get(key);
    const flight = known?.takes(slip) ? known : new Flight(key, isShared);
    flight.add(passenger);
    pending.flight = flight;
    if (flight === known) return;
    this.#flights.set(key, flight);
    this.#depart(flight, asked, isSemantic);
  }

  leave(id: string): void {
    const flight = this.#pending.get(id)?.flight;
    if (!flight?.remove(id) || flight.passengers.length > 0) return;
    this.#close(flight);
    if (flight.callId !== null) this.#host.cancel(flight.callId);
  }

  release(): void {
    const at = this.#host.clock.now();
    for (const flight of this.#flights.values()) if (flight.callId === null) this.#letGo(flight, at);
  }

  /** A model has been called for a request. */
  started(id: string): void {
    this.#calls.get(id)?.start();
  }

  /** A request is over: what it came to may be stored. */
  settled(event: Settled): void {
    const pending = this.#pending.get(event.id);
    if (pending === undefined) return;
    this.#pending.delete(event.id);
    const { slip } = event.settlement;
    if (event.output === undefined || slip!.terms.cache?.status !== 'miss') return;
    const { tenant = null } = event.outcome;
    const { cacheScope, vector } = pending;
    const asked = pending.asked ?? this.#fingerprint(event.outcome, pending);
    if (asked === null || !this.storage.put(asked, vector, slip!, event.output, { tenant, cacheScope })) return;
    // It was not looked up.
    if (pending.asked === null) void this.storage.embed(asked);
  }

  #reportUnfit(slip: Slip, report: Report): void {
    const at = this.#host.clock.now();
    const unfit = withVerdict(slip, notCached('indistinct'));
    const isOnly = slip.terms.cache?.status === 'asked_only';
    report(
      isOnly
        ? { type: 'cache.settled', slip: unfit, verdict: 'cache_miss', at }
        : { type: 'cache.missed', slip: unfit, at },
    );
  }

  #fingerprint({ content, tenant }: Pick<Entry, 'content' | 'tenant'>, pending: Pending): Fingerprint | null {
    const { target, cacheScope } = pending;
    const origin = { tenant: tenant ?? null, target, cacheScope, embedderId: this.storage.embedderId };
    return fingerprint(content as AcceptedRequest['content'], origin, this.#options);
  }

  /** Looks up what is not stored word for word. */
  #depart(flight: Flight, asked: Fingerprint, isSemantic: boolean): void {
    const { scope, text } = asked;
    if (text === null) this.#miss(flight, { status: 'miss', reason: 'exact_only' });
    else if (!isSemantic) this.#miss(flight, { status: 'miss', reason: 'no_embedder' });
    else {
      this.#search(flight, { key: asked.key, scope, text }).catch(() => {
        // Everyone has left, and heard so elsewhere.
      });
    }
  }

  async #search(flight: Flight, question: { key: string; scope: string; text: string }): Promise<void> {
    const { semantic } = this.storage;
    const vector: Float32Array | MissReason =
      semantic === null ? 'no_embedder' : await semantic.embed(question.text, flight.signal);
    if (typeof vector === 'string') {
      this.#miss(flight, { status: 'miss', reason: vector });
      return;
    }
    for (const { slip } of flight.passengers) this.#pending.get(slip.id)!.vector = vector;
    const found: Found = await semantic!.find(question, vector, flight.signal);
    if (!('entry' in found)) {
      this.#miss(flight, { status: 'miss', ...found });
      return;
    }
    const { entry, similarity, isVerified } = found;
    // It counts as used.
    this.storage.entries.get(entry.key);
    const verdict: CacheVerdict = {
      status: 'hit',
      kind: 'semantic',
      similarity,
      ...(isVerified && { verified: true }),
    };
    this.#close(flight);
    for (const { slip, report } of flight.take()) {
      const request = this.#host.request(slip.id);
      if (request !== undefined) this.#hit(slip, request, entry, verdict, report);
    }
  }

  #hit(
    slip: Slip,
    request: Entry,
    { answer }: CacheEntry,
    verdict: CacheVerdict & { status: 'hit' },
    report: Report,
  ): void {
    this.#counts[verdict.kind]++;
    const { modelUsed, ...response } = answer;
    request.response = response;
    // All at once: the whole answer is in memory anyway, and its reader takes it at his pace.
    if (request.sink !== null) for (const chunk of chunksOf(answer)) request.sink.write(chunk);
    report({
      type: 'cache.settled',
      slip: withVerdict(slip, verdict),
      verdict: 'served',
      model: modelUsed,
      at: this.#host.clock.now(),
    });
  }

  #miss(flight: Flight, verdict: Miss): void {
    const at = this.#host.clock.now();
    for (const { slip, report } of flight.take(({ isOnly }) => isOnly)) {
      report({ type: 'cache.settled', slip: withVerdict(slip, verdict), verdict: 'cache_miss', at });
    }
    flight.miss = verdict;
    if (flight.passengers.length === 0) this.#close(flight);
    else if (flight.isShared) this.#call(flight);
    else this.#letGo(flight, at);
  }

  /** Each goes its own way from here. */
  #letGo(flight: Flight, at: number): void {
    this.#close(flight);
    for (const { slip, report } of flight.take()) {
      this.#counts.misses++;
      report({ type: 'cache.missed', slip: withVerdict(slip, flight.miss), at });
    }
  }

  #call(flight: Flight): void {
    const { slip } = flight.leader();
    const { id, send } = this.#host.prepare(slip, (event) => this.#landed(flight, event));
    flight.takeOff(id, slip);
    this.#calls.set(id, flight);
    send();
  }

  /** The shared call is over. Its answer is everybody's; its failure only of the one that it was made for. */
  #landed(flight: Flight, { id, settlement, outcome }: Settled): boolean {
    this.#calls.delete(id);
    this.#close(flight);
    if (flight.passengers.length === 0) return false;
    let isInherited = false;
    const { at, verdict } = settlement;
    const isServed = verdict === 'served';
    const isOwnFault = verdict === 'deadline' || verdict === 'aborted';
    const leader = flight.leader();
    for (const passenger of flight.take()) {
      const { slip, report } = passenger;
      const request = this.#host.request(slip.id);
      if (request === undefined) continue;
      if (passenger === leader && !isOwnFault) {
        this.#inherit(passenger, request, settlement, outcome, flight.miss);
        isInherited = true;
        continue;
      }
      if (isServed) {
        this.#counts.shared++;
        request.response = outcome.response;
        const shared = withVerdict(slip, { status: 'shared' });
        report({ type: 'cache.settled', slip: shared, verdict, model: settlement.model!, at });
      } else {
        this.#counts.misses++;
        report({ type: 'cache.missed', slip: withVerdict(slip, flight.miss), at });
      }
    }
    return isInherited;
  }

  /** One of them fares as the call did: its attempts are his, and so is its error. */
  #inherit(
    { slip, report }: Passenger,
    request: Entry,
    flown: Settlement,
    outcome: Settled['outcome'],
    miss: Miss,
  ): void {
    const { id, seq, class: priority, arrival, deadline, streams } = slip;
    const { terms } = withVerdict(slip, miss);
    const { verdict, model, retryAfterMs, at } = flown;
    this.#counts.misses++;
    request.response = outcome.response;
    request.failures = outcome.failures;
    report({
      type: 'cache.settled',
      slip: { ...flown.slip!, id, seq, class: priority, arrival, deadline, streams, terms },
      verdict,
      at,
      ...(model !== undefined && { model }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }

  /** Nobody joins it any more. */
  #close(flight: Flight): void {
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key);
  }

  stats(): Omit<CacheStats, 'state' | 'reason'> {
    const { exact, semantic, misses, shared } = this.#counts;
    return { hits: { exact, semantic }, misses, shared, ...this.storage.stats() };
  }

  close(): Promise<void> {
    return this.storage.close();
  }
}

/** What may share a call asks the same and is routed alike. */
const flightKey = ({ key }: Fingerprint, { candidates, terms }: Slip): string =>
  [key, terms.whenUnavailable, terms.maxRetries, ...candidates].join(' ');
