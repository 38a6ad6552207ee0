// Naive reference model of the router, written from the design alone.
// Arrays and linear scans everywhere; every step is synchronous and depth-first: whatever a request's move causes
// (a displacement, and the displaced one's own move) is finished before the next request is looked at.
// In each step the model moves first, then the requests it let go, and last the parked ones that it now has room for.

import type { BreakerConfig, Call, ModelConfig, ModelObservation, Outcome } from './reference-model.ts';
import { ReferenceModel, Timeline } from './reference-model.ts';
import type { LastWord, Refusal, Request, RuleConfig, Submission } from './reference-request.ts';
import { compare, finalCode, itineraryOf, MAX_ATTEMPTS, requestOf, victimOf } from './reference-request.ts';

export type { BreakerConfig, ModelConfig, Outcome } from './reference-model.ts';
export type { PriorityClass, RuleConfig, Submission } from './reference-request.ts';
export interface ReferenceConfig {
  models: ModelConfig[];
  rules: RuleConfig[];
  maxParked?: number;
  retries?: { maxRetries?: number; maxMs?: number };
}
export type Settlement =
  | { result: 'served'; model: string }
  | { result: 'error'; code: string }
  | { result: 'aborted' };
export interface Observation {
  now: number;
  settled: Record<string, Settlement>;
  parked: string[];
  models: Record<string, ModelObservation>;
}

const DEFAULT_RETRY_MAX_MS = 8_000;
const WORTH_WAITING: LastWord[] = ['circuit_open', 'half_open', 'rate_limited', 'paused'];

export class ReferenceRouter {
  private time = new Timeline();
  private config: ReferenceConfig;
  private models: ReferenceModel[];
  private live: Request[] = [];
  private parked: Request[] = []; // always in serving order
  private settled: Record<string, Settlement> = {};
  private nextSeq = 0;

  constructor(config: ReferenceConfig) {
    this.config = config;
    this.models = config.models.map(
      (m) =>
        new ReferenceModel(m, this.time, (opened) => {
          this.startWaiting(opened);
          this.wake(opened);
        }),
    );
  }

  // ---- the caller's side ----

  submit(r: Submission): void {
    const names = this.models.map((m) => m.config.name);
    const itinerary = itineraryOf(r, names, this.config.rules);
    const { retries } = this.config;
    const maxRetries = retries ? (retries.maxRetries ?? 2) : 0;
    const request = requestOf(r, this.nextSeq++, this.time.now, itinerary, maxRetries);
    if (itinerary === null) {
      this.fail(request, 'model_unknown');
      return;
    }
    this.live.push(request);
    // Armed at acceptance, hence before every timer of any of its attempts.
    request.deadlineTimer = this.time.arm(request.deadline, () =>
      this.withdraw(request, { result: 'error', code: 'deadline_exceeded' }),
    );
    this.moveOn(request);
  }

  abort(id: string): void {
    const request = this.live.find((r) => r.id === id);
    if (request) this.withdraw(request, { result: 'aborted' });
  }

  finish(id: string, model: string, outcome: Outcome, hint?: { retryAfterMs?: number }): void {
    const m = this.find(model);
    const call = m?.calls.find((c) => c.request.id === id);
    if (!m || !call) return;
    // A lingering call's permit and request were settled when it began to linger; only its slot is given back.
    if (call.lingering) this.freeSlot(m, call);
    else this.conclude(m, call, outcome, hint?.retryAfterMs, false);
  }

  advance(ms: number): void {
    this.time.advance(ms);
  }

  observe(): Observation {
    return {
      now: this.time.now,
      settled: { ...this.settled },
      parked: this.parked.map((r) => r.id),
      models: Object.fromEntries(this.models.map((m) => [m.config.name, m.observe()])),
    };
  }

  openCalls(): { id: string; model: string; lingering: boolean }[] {
    return this.models.flatMap((m) =>
      m.calls.map((c) => ({ id: c.request.id, model: m.config.name, lingering: c.lingering })),
    );
  }

  // ---- the operator's side ----

  pause(model: string): void {
    const m = this.find(model);
    if (!m) return;
    m.control = 'paused';
    this.sendOn(m.release(m.backingOff), m, 'paused');
  }

  resume(model: string): void {
    const m = this.find(model);
    if (!m || m.control === 'active') return;
    m.control = 'active';
    this.startWaiting(m);
    this.wake(m);
  }

  drain(model: string): void {
    const m = this.find(model);
    if (!m) return;
    m.control = 'draining';
    this.startWaiting(m);
    this.sendOn(m.release(m.backingOff), m, 'draining');
    this.rejudge(m, Number.POSITIVE_INFINITY);
  }

  forceOpen(model: string): void {
    const m = this.find(model);
    if (m && m.breaker !== 'forced_open') this.sendOn(m.forceOpen(), m, 'circuit_open');
  }

  forceClosed(model: string): void {
    const m = this.find(model);
    if (m && m.breaker !== 'forced_closed') this.closeByHand(m, 'forced_closed');
  }

  reset(model: string): void {
    const m = this.find(model);
    if (m) this.closeByHand(m, m.config.breaker === false ? 'forced_closed' : 'closed');
  }

  private closeByHand(m: ReferenceModel, to: 'closed' | 'forced_closed'): void {
    const changes = m.breaker !== to;
    m.closeByHand(to);
    this.startWaiting(m);
    if (changes) this.wake(m);
  }

  // ---- routing ----

  private find(name: string): ReferenceModel | undefined {
    return this.models.find((m) => m.config.name === name);
  }

  /** takes a request that no model holds to its next candidates until one takes it, or lets it wait, or settles it */
  private moveOn(request: Request, justDisplaced = false): void {
    request.retrying = false;
    for (;;) {
      if (request.deadline <= this.time.now) {
        this.fail(request, 'deadline_exceeded');
        return;
      }
      if (request.attempts >= MAX_ATTEMPTS) break;
      request.cursor += 1;
      const name = request.candidates[request.cursor];
      if (name === undefined) break;
      const m = this.find(name);
      if (m && this.offer(m, request)) return;
    }
    if (!justDisplaced && this.waitForLimit(request)) return;
    if (this.park(request)) return;
    this.fail(request, finalCode(request));
  }

  private sendOn(requests: Request[], m: ReferenceModel, reason: Refusal): void {
    for (const r of requests) {
      r.lastWords[m.config.name] = reason;
      this.moveOn(r);
    }
  }

  /** true when the model started the request or gave it a waiting place; else its last word is why not */
  private offer(m: ReferenceModel, request: Request): boolean {
    const reason = m.refusal(request);
    if (reason) request.lastWords[m.config.name] = reason;
    else if (m.breaker === 'half_open') this.start(m, request);
    else this.giveWaitingPlace(m, request);
    return reason === null;
  }

  private giveWaitingPlace(m: ReferenceModel, request: Request): void {
    const victim = m.isFull() ? victimOf(m.queue(), request) : null;
    if (victim) m.release([victim]);
    m.enqueue(request); // the newcomer has its place before the victim moves on
    this.startWaiting(m);
    if (!victim) return;
    victim.displaced = true;
    victim.lastWords[m.config.name] = 'displaced';
    this.moveOn(victim, true);
  }

  /** out of candidates: a waiting place in the first one that was only rate limited and will serve before the deadline */
  private waitForLimit(request: Request): boolean {
    if (request.attempts >= MAX_ATTEMPTS) return false;
    for (const name of request.candidates) {
      const m = this.find(name);
      if (!m || request.lastWords[name] !== 'rate_limited') continue;
      if (m.control !== 'active' || !m.isClosed()) continue;
      if (m.isFull() && !victimOf(m.queue(), request)) continue;
      if (m.limitedUntil === null) {
        if (this.offer(m, request)) return true; // no longer limited: any newcomer's terms
      } else if (m.limitedUntil < request.deadline) {
        this.giveWaitingPlace(m, request);
        return true;
      }
    }
    return false;
  }

  private fail(request: Request, code: string): void {
    this.settle(request, { result: 'error', code });
  }

  private settle(request: Request, settlement: Settlement): void {
    this.settled[request.id] = settlement;
    this.live = this.live.filter((r) => r !== request);
    this.time.disarm(request.deadlineTimer);
  }

  /** the caller's abort or the request's deadline: answered at once, wherever it is; the permit moves nothing */
  private withdraw(request: Request, settlement: Settlement): void {
    this.settle(request, settlement);
    this.parked = this.parked.filter((r) => r !== request);
    for (const m of this.models) {
      const call = m.calls.find((c) => c.request === request && !c.lingering);
      if (!call && !m.queue().includes(request)) continue;
      const wasFull = m.isFull();
      m.release([request]);
      if (call) this.linger(m, call);
      this.startWaiting(m); // a lingering call holds its slot but not its share of the running limit
      this.wakeIfRoomCame(m, wasFull);
    }
  }

  // ---- parking ----

  /** true when the request waits for a candidate to become available (or one has by now, and it was started again) */
  private park(request: Request): boolean {
    if (request.whenUnavailable === 'fail' || request.displaced || request.attempts >= MAX_ATTEMPTS) return false;
    if (!request.candidates.some((name) => this.worthWaitingFor(name, request))) return false;
    if (request.candidates.some((name) => this.hasComeBack(name, request))) {
      this.startAgain(request);
      return true;
    }
    if (this.parked.length >= (this.config.maxParked ?? 1_000)) {
      const victim = victimOf(this.parked, request);
      if (!victim) return false;
      this.parked = this.parked.filter((r) => r !== victim);
      this.fail(victim, finalCode(victim));
    }
    this.parked.push(request);
    this.parked.sort(compare);
    return true;
  }

  /** its last word names a state that will end, as far as is known before the deadline */
  private worthWaitingFor(name: string, request: Request): boolean {
    const m = this.find(name);
    const word = request.lastWords[name];
    if (!m || !word || !WORTH_WAITING.includes(word)) return false;
    if (m.control === 'draining') return false;
    if (m.breaker === 'open' && m.openUntil >= request.deadline) return false;
    return m.limitedUntil === null || m.limitedUntil < request.deadline; // or no end known, or over by now
  }

  /** what would have woken the request happened before it parked; a half-open model with room never leaves one parked */
  private hasComeBack(name: string, request: Request): boolean {
    const m = this.find(name);
    const word = request.lastWords[name];
    if (!m || !word || !m.takes(request)) return false;
    return [...WORTH_WAITING, 'queue_full', 'draining'].includes(word) || m.breaker === 'half_open';
  }

  /** one by one in serving order, each at most once, as long as the model has room */
  private wake(m: ReferenceModel): void {
    const woken: Request[] = [];
    for (;;) {
      const next = this.parked.find((r) => r.candidates.includes(m.config.name) && !woken.includes(r) && m.takes(r));
      if (!next) return;
      woken.push(next);
      this.parked = this.parked.filter((r) => r !== next);
      this.startAgain(next);
    }
  }

  /** what keeps the model closed now ends too late for some: they ask elsewhere, or learn that they wait in vain */
  private rejudge(m: ReferenceModel, until: number): void {
    const concerned = this.parked.filter((r) => r.candidates.includes(m.config.name) && r.deadline <= until);
    this.parked = this.parked.filter((r) => !concerned.includes(r));
    for (const r of concerned) this.startAgain(r);
  }

  private startAgain(request: Request): void {
    request.cursor = -1;
    request.lastWords = {};
    this.moveOn(request);
  }

  private wakeIfRoomCame(m: ReferenceModel, wasFull: boolean): void {
    if (m.breaker === 'half_open' || (wasFull && !m.isFull())) this.wake(m);
  }

  // ---- queue and slots ----

  private startWaiting(m: ReferenceModel): void {
    while (m.waiting.length > 0 && m.startsWaiting()) {
      const head = m.waiting.shift() as Request;
      if (head.deadline <= this.time.now) this.fail(head, 'deadline_exceeded');
      else this.start(m, head);
    }
  }

  private start(m: ReferenceModel, request: Request): void {
    const probe = m.breaker === 'half_open';
    const generation = m.generation;
    const call: Call = { request, startedAt: this.time.now, generation, probe, lingering: false, timers: [] };
    request.attempts += 1;
    request.attemptsBy[m.config.name] = (request.attemptsBy[m.config.name] ?? 0) + 1;
    m.calls.push(call);
    call.timers.push(this.time.arm(this.time.now + m.config.attemptTimeoutMs, () => this.timeOut(m, call)));
    if (probe) {
      const lease = (m.config.breaker as BreakerConfig).probeTimeoutMs;
      call.timers.push(this.time.arm(this.time.now + lease, () => this.timeOut(m, call)));
    }
  }

  /** its back-off is over: with class and arrival it waits again, or starts */
  private retry(m: ReferenceModel, request: Request): void {
    m.release([request]);
    m.enqueue(request);
    this.startWaiting(m);
  }

  /** the attempt limit or the probe's lease: aborted, counted as a failure, and the request moves on */
  private timeOut(m: ReferenceModel, call: Call): void {
    this.conclude(m, call, 'failure', undefined, true);
  }

  private linger(m: ReferenceModel, call: Call): void {
    for (const t of call.timers) this.time.disarm(t);
    call.lingering = true;
    call.timers = [this.time.arm(this.time.now + m.config.abortGraceMs, () => this.freeSlot(m, call))];
  }

  /** a lingering call has ended or is abandoned */
  private freeSlot(m: ReferenceModel, call: Call): void {
    const wasFull = m.isFull();
    this.removeCall(m, call);
    this.startWaiting(m);
    this.wakeIfRoomCame(m, wasFull);
  }

  private removeCall(m: ReferenceModel, call: Call): void {
    for (const t of call.timers) this.time.disarm(t);
    m.calls = m.calls.filter((c) => c !== call);
  }

  /** an attempt has its outcome: the model's part first, then the requests', then the parked ones' */
  private conclude(
    m: ReferenceModel,
    call: Call,
    outcome: Outcome,
    retryAfterMs: number | undefined,
    lingers: boolean,
  ): void {
    const wasFull = m.isFull();
    const before = m.breaker;
    const limit = m.limitedUntil;
    if (lingers) this.linger(m, call);
    else this.removeCall(m, call);
    const { back, reason } = m.conclude(call, outcome, retryAfterMs);
    const request = call.request;
    request.retrying = false;
    // Only a 503 is worth another try here: a silent model is left, and the key will not get better.
    const maxMs = this.config.retries?.maxMs ?? DEFAULT_RETRY_MAX_MS;
    const wait = outcome === 'failure' && !lingers ? m.retryWait(request, retryAfterMs, maxMs) : null;
    if (wait !== null) m.backOff(request, wait, () => this.retry(m, request)); // its place is never free meanwhile
    this.startWaiting(m);
    if (before !== 'open' && m.breaker === 'open') this.rejudge(m, m.openUntil);

    if (outcome === 'success') this.settle(request, { result: 'served', model: m.config.name });
    else if (outcome === 'ignored') this.fail(request, 'provider_rejected');
    else {
      const word = outcome === 'rate_limited' ? 'rate_limited' : 'failed';
      request.met.push(word);
      request.lastWords[m.config.name] = word;
      if (wait === null) this.moveOn(request);
    }
    this.sendOn(back, m, reason);
    if (m.limitedUntil !== null && m.limitedUntil !== limit) this.rejudge(m, m.limitedUntil);

    if (before === 'half_open' && m.breaker === 'closed') this.wake(m);
    else this.wakeIfRoomCame(m, wasFull);
  }
}
