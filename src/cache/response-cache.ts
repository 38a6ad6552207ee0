import type { CacheReportEvent, EmbedderEvent } from '../../machines/cache/events.ts';
import type { CachePort } from '../../machines/ports.ts';
import type { Entry } from '../entry.ts';
import type { Settled } from '../ledger.ts';
import type { AcceptedRequest } from '../request.ts';
import { ASKED, ASKED_ONLY, type CacheVerdict, notCached, REFRESHED } from '../routing/cache-verdict.ts';
import { type Slip, withVerdict } from '../routing/slip.ts';
import { notCacheable } from './cacheable.ts';
import { copyOfResponse } from './copies.ts';
import type { CacheEntry } from './entries.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';
import type { Flight, Passenger } from './flight.ts';
import { Flights, shareKeyOf } from './flights.ts';
import type { CacheHost } from './host.ts';
import type { ResolvedCacheOptions } from './options.ts';
import { chunksOf } from './replay.ts';
import type { CacheStats } from './stats.ts';
import { Storage } from './storage.ts';

type Report = (event: CacheReportEvent) => void;
type Hit = Extract<CacheVerdict, { status: 'hit' }>;

/** What is known of a request that may be looked up or stored, until it is settled. */
interface Pending {
  /** The model or the rule that it goes to; null: any model. */
  readonly target: string | null;
  readonly cacheScope: string | null;
  /** Models whose answer may be stored, as its rule was when it was accepted; null: any. */
  readonly targets: readonly string[] | null;
  /** null: it was not looked up. */
  asked: Fingerprint | null;
  flight: Flight | null;
}

/** The cache of a router: looks requests up, lets identical ones share a call, and stores what they come to. */
export class ResponseCache implements CachePort {
  readonly storage: Storage;
  readonly #host: CacheHost;
  readonly #options: ResolvedCacheOptions;
  readonly #flights: Flights;
  readonly #pending = new Map<string, Pending>();
  readonly #counts = { exact: 0, semantic: 0, misses: 0, shared: 0 };

  /** @throws {ConfigurationError} */
  constructor(options: ResolvedCacheOptions, host: CacheHost) {
    this.#options = options;
    this.#host = host;
    this.storage = new Storage(options, host);
    this.#flights = new Flights({
      host,
      semantic: () => this.storage.semantic,
      onFound: (...found) => this.#found(...found),
      count: (what) => this.#counts[what]++,
    });
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
    const targets = this.#host.targetsOf(rule);
    this.#pending.set(id, { target, cacheScope: cacheScope ?? null, targets, asked: null, flight: null });
  }

  load(report: (event: EmbedderEvent) => void): void {
    void this.storage.load(report);
  }

  lookUp(slip: Slip, isSemantic: boolean, report: Report): void {
    const request = this.#host.request(slip.id);
    if (request === undefined) return;
    const isOnly = slip.terms.cache?.status === 'asked_only';
    const pending = this.#pending.get(slip.id);
    const asked = pending === undefined ? null : this.#fingerprint(request, pending);
    // It was made before there was a cache, or holds what cannot be told apart.
    if (pending === undefined || asked === null) {
      const unfit = { slip: withVerdict(slip, notCached('indistinct')), at: this.#host.clock.now() };
      report(isOnly ? { type: 'cache.settled', verdict: 'cache_miss', ...unfit } : { type: 'cache.missed', ...unfit });
      return;
    }
    pending.asked = asked;
    const entry = this.storage.entries.get(asked.key);
    if (entry !== undefined) {
      this.#hit(slip, request, entry, { status: 'hit', kind: 'exact' }, report);
      return;
    }
    const isShared = this.#options.singleFlight && request.sink === null && !isOnly;
    const shareKey = isShared ? shareKeyOf(asked, slip) : null;
    pending.flight = this.#flights.board({ slip, isOnly, report }, asked, shareKey, isSemantic);
  }

  leave(id: string): void {
    const flight = this.#pending.get(id)?.flight;
    if (flight) this.#flights.leave(flight, id);
  }

  release(): void {
    this.#flights.release();
    this.storage.release();
  }

  /** A model has been called for a request, or has ended its call. */
  running(id: string, isRunning: boolean): void {
    this.#flights.running(id, isRunning);
  }

  /** A request is over: what it came to may be stored. */
  settled(event: Settled): void {
    // Called off by a listener, it may be over before the cache has heard of it.
    this.leave(event.id);
    const pending = this.#pending.get(event.id);
    if (pending === undefined) return;
    this.#pending.delete(event.id);
    const { slip } = event.settlement;
    if (event.output === undefined || slip!.terms.cache?.status !== 'miss') return;
    const asked = pending.asked ?? this.#fingerprint(event.outcome, pending);
    if (asked === null) return;
    const { tenant = null } = event.outcome;
    const { cacheScope, targets, flight } = pending;
    const isStored = this.storage.put({
      asked,
      vector: flight?.vector ?? null,
      slip: slip!,
      answer: event.output,
      byFallback: targets !== null && !targets.includes(event.output.modelUsed),
      tenant,
      cacheScope,
    });
    // It was not looked up.
    if (isStored && pending.asked === null) void this.storage.embed(asked);
  }

  stats(): Omit<CacheStats, 'state' | 'reason'> {
    const { exact, semantic, misses, shared } = this.#counts;
    return { hits: { exact, semantic }, misses, shared, ...this.storage.stats() };
  }

  close(): Promise<void> {
    return this.storage.close();
  }

  #fingerprint({ content, tenant }: Pick<Entry, 'content' | 'tenant'>, pending: Pending): Fingerprint | null {
    const { target, cacheScope } = pending;
    const origin = { tenant: tenant ?? null, target, cacheScope, embedderId: this.storage.embedderId };
    return fingerprint(content as AcceptedRequest['content'], origin, this.#options);
  }

  #found({ slip, report }: Passenger, entry: CacheEntry, similarity: number, isVerified: boolean): void {
    const request = this.#host.request(slip.id);
    if (request === undefined) return;
    // It counts as used.
    this.storage.entries.get(entry.key);
    const verdict: Hit = { status: 'hit', kind: 'semantic', similarity, ...(isVerified && { verified: true }) };
    this.#hit(slip, request, entry, verdict, report);
  }

  #hit(slip: Slip, request: Entry, { answer }: CacheEntry, verdict: Hit, report: Report): void {
    this.#counts[verdict.kind]++;
    const { modelUsed, provider } = answer;
    request.response = { ...copyOfResponse(answer), provider };
    // All at once: the whole answer is in memory anyway, and its reader takes it at his pace.
    if (request.sink !== null) for (const chunk of chunksOf(answer)) request.sink.write(chunk);
    const at = this.#host.clock.now();
    report({ type: 'cache.settled', slip: withVerdict(slip, verdict), verdict: 'served', model: modelUsed, at });
  }
}
