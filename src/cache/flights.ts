import type { Entry } from '../entry.ts';
import type { Settled } from '../ledger.ts';
import type { MissReason } from '../routing/cache-verdict.ts';
import { type Slip, withVerdict } from '../routing/slip.ts';
import { copyOfResponse } from './copies.ts';
import type { CacheEntry } from './entries.ts';
import type { Fingerprint } from './fingerprint.ts';
import { Flight, type Miss, type Passenger } from './flight.ts';
import type { CacheHost } from './host.ts';
import type { SemanticTier } from './semantic-tier.ts';

export interface FlightsPorts {
  readonly host: CacheHost;
  /** null: there is no embedder, or not now. */
  readonly semantic: () => SemanticTier | null;
  /** A stored answer may be served to a request that is no longer looked up. */
  readonly onFound: (passenger: Passenger, entry: CacheEntry, similarity: number, isVerified: boolean) => void;
  /** How many were let go without an answer, and how many were answered by another's call. */
  readonly count: (what: 'misses' | 'shared') => void;
}

/** The requests that wait at the cache: looked up together, and where nothing is found answered by one call. */
export class Flights {
  readonly #ports: FlightsPorts;
  /** Those that others can still join. */
  readonly #open = new Map<string, Flight>();
  /** By the id of the call that they share. */
  readonly #calls = new Map<string, Flight>();

  constructor(ports: FlightsPorts) {
    this.#ports = ports;
  }

  /** Takes a request aboard; `shareKey` null: it flies alone. */
  board(passenger: Passenger, asked: Fingerprint, shareKey: string | null, isSemantic: boolean): Flight {
    const { slip } = passenger;
    const key = shareKey ?? slip.id;
    const known = this.#open.get(key);
    if (known?.takes(slip)) {
      known.add(passenger);
      if (known.call !== null) this.#note(passenger, known);
      return known;
    }
    const flight = new Flight(key, asked, shareKey !== null);
    flight.add(passenger);
    this.#open.set(key, flight);
    // What embeds and judges does so in its caller's asynchronous context.
    this.#ports.host.request(slip.id)?.context.runInAsyncScope(() => this.#depart(flight, isSemantic));
    return flight;
  }

  leave(flight: Flight, id: string): void {
    if (!flight.remove(id) || !flight.isEmpty) return;
    this.#close(flight);
    flight.abort();
    if (flight.call !== null) this.#ports.host.cancel(flight.call.id);
  }

  /** The router stops: what is still looked up is a miss; who shares a call that runs waits for its end. */
  release(): void {
    for (const flight of this.#open.values()) {
      if (flight.call !== null) continue;
      this.#letGo(flight);
      flight.abort();
    }
  }

  /** A model has been called for a request, or has ended its call. */
  running(id: string, isRunning: boolean): void {
    const call = this.#calls.get(id)?.call;
    if (call) call.isRunning = isRunning;
  }

  #depart(flight: Flight, isSemantic: boolean): void {
    const { text } = flight.asked;
    if (text === null) this.#missed(flight, 'exact_only');
    else if (!isSemantic) this.#missed(flight, 'no_embedder');
    else {
      // Whatever goes wrong in a look-up is a miss; when everyone has left it is nothing.
      this.#search(flight, text).catch(() => this.#missed(flight, 'embedding_failed'));
    }
  }

  async #search(flight: Flight, text: string): Promise<void> {
    const { key, scope } = flight.asked;
    const semantic = this.#ports.semantic();
    const vector: Float32Array | MissReason =
      semantic === null ? 'no_embedder' : await semantic.embed(text, flight.signal);
    if (typeof vector === 'string') {
      this.#missed(flight, vector);
      return;
    }
    flight.vector = vector;
    const found = await semantic!.find({ key, scope, text }, vector, flight.signal);
    if (!('entry' in found)) {
      const { reason, ...figures } = found;
      this.#missed(flight, reason, figures);
      return;
    }
    this.#close(flight);
    for (const passenger of flight.disembark()) {
      this.#ports.onFound(passenger, found.entry, found.similarity, found.isVerified);
    }
  }

  #missed(flight: Flight, reason: MissReason, figures: Partial<Miss> = {}): void {
    if (flight.isEmpty) return;
    flight.miss = { status: 'miss', reason, ...figures };
    if (flight.isShared) this.#call(flight);
    else this.#letGo(flight);
  }

  /** Each goes its own way from here. */
  #letGo(flight: Flight): void {
    const at = this.#ports.host.clock.now();
    this.#close(flight);
    for (const passenger of flight.disembark()) this.#reportMiss(passenger, flight.miss, at);
  }

  #reportMiss({ slip, isOnly, report }: Passenger, miss: Miss, at: number): void {
    const missed = withVerdict(slip, miss);
    if (isOnly) report({ type: 'cache.settled', slip: missed, verdict: 'cache_miss', at });
    else {
      this.#ports.count('misses');
      report({ type: 'cache.missed', slip: missed, at });
    }
  }

  #call(flight: Flight): void {
    const { slip: maker } = flight.maker();
    const { id, send } = this.#ports.host.prepare(maker, (event) => this.#landed(flight, event));
    flight.call = { id, maker, isRunning: false };
    this.#calls.set(id, flight);
    for (const passenger of flight.passengers) this.#note(passenger, flight);
    send();
  }

  /** What its trace says if it leaves or expires before the call is over. */
  #note({ slip }: Passenger, { call, miss }: Flight): void {
    const verdict =
      slip.id === call!.maker.id ? { ...miss, call: call!.id } : ({ status: 'shared', call: call!.id } as const);
    this.#ports.host.note(withVerdict(slip, verdict));
  }

  /**
   * The shared call is over. Its answer is everybody's. Its failure is of the one that it was made for, if a model was
   * called; the others, and whoever would have waited longer or gone elsewhere, ask for themselves.
   */
  #landed(flight: Flight, { id, settlement, outcome }: Settled): boolean {
    this.#calls.delete(id);
    this.#close(flight);
    const { at, verdict, slip: flown } = settlement;
    const isServed = verdict === 'served';
    const wasTried = verdict !== 'deadline' && verdict !== 'aborted' && flown!.attempts.length > 0;
    const passengers = flight.disembark();
    const maker = passengers.find(({ slip }) => slip.id === flight.call!.maker.id);
    // A call that was served is somebody's, whoever is left; a failure is the maker's or nobody's.
    const heir = isServed ? (maker ?? passengers[0]) : wasTried ? maker : undefined;
    let isInherited = false;
    for (const passenger of passengers) {
      const request = this.#ports.host.request(passenger.slip.id);
      if (request === undefined) continue;
      if (passenger === heir) {
        isInherited = true;
        this.#inherit(passenger, request, flight, settlement, outcome);
      } else if (isServed) this.#share(passenger, request, flight, settlement, outcome);
      else this.#reportMiss(passenger, flight.miss, at);
    }
    return isInherited;
  }

  /** It fares as the call did: the attempts are its own, and so is the error. */
  #inherit(
    { slip, report }: Passenger,
    request: Entry,
    { call, miss }: Flight,
    { slip: flown, verdict, model, retryAfterMs, at }: Settled['settlement'],
    { response, failures }: Settled['outcome'],
  ): void {
    const { id, seq, class: priority, arrival, deadline, streams } = slip;
    const { terms } = withVerdict(slip, { ...miss, call: call!.id });
    this.#ports.count('misses');
    request.response = response;
    request.failures = failures;
    report({
      type: 'cache.settled',
      slip: { ...flown!, id, seq, class: priority, arrival, deadline, streams, terms },
      verdict,
      at,
      ...(model !== undefined && { model }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }

  #share(
    { slip, report }: Passenger,
    request: Entry,
    { call }: Flight,
    { model, at }: Settled['settlement'],
    { response }: Settled['outcome'],
  ): void {
    this.#ports.count('shared');
    request.response = copyOfResponse(response!);
    const shared = withVerdict(slip, { status: 'shared', call: call!.id });
    report({ type: 'cache.settled', slip: shared, verdict: 'served', model: model!, at });
  }

  /** Nobody joins it any more. */
  #close(flight: Flight): void {
    if (this.#open.get(flight.key) === flight) this.#open.delete(flight.key);
  }
}

/** What may share a call asks the same and is routed alike. */
export const shareKeyOf = ({ key }: Fingerprint, { candidates, terms }: Slip): string =>
  [key, terms.whenUnavailable, terms.maxRetries, ...candidates].join(' ');
