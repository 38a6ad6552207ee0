// One model of the naive reference: its breaker, its rate limit and what it says to a request.
// It moves itself only; what becomes of requests is the router's part.

import type { Refusal, Request } from './reference-request.ts';
import { compare, MAX_ATTEMPTS, victimOf } from './reference-request.ts';

export interface BreakerConfig {
  failureThreshold: number;
  successThreshold: number;
  recoveryTimeoutMs: number;
  maxOpenMs: number;
  halfOpenMaxProbes: number;
  probeTimeoutMs: number;
  policy?: 'consecutive' | 'count' | 'time';
  windowSize?: number;
  windowMs?: number;
  failureRate?: number;
  minimumCalls?: number;
  slowCallMs?: number;
  slowCallRate?: number;
  observe?: boolean;
}
export interface ModelConfig {
  name: string;
  maxQueueDepth: number;
  maxConcurrency: number;
  attemptTimeoutMs: number;
  abortGraceMs: number;
  breaker: BreakerConfig | false;
}
/** failure: a 503, worth another try; refused_key: a 401, a failure that is not */
export type Outcome = 'success' | 'failure' | 'refused_key' | 'ignored' | 'rate_limited';
export interface ModelObservation {
  control: 'active' | 'paused' | 'draining' | 'drained';
  breaker: 'closed' | 'open' | 'half_open' | 'forced_open' | 'forced_closed';
  failureCount: number;
  openUntil: number | null;
  limitedUntil: number | null;
  runningLimit: number;
  probes: number;
  waiting: string[];
  backingOff: string[];
  running: string[];
  lingering: number;
  queueDepth: number;
}

export interface Call {
  request: Request;
  startedAt: number;
  generation: number;
  probe: boolean; // the permit
  lingering: boolean; // answered already; holds its slot until the backend settles or the grace ends
  timers: Timer[]; // attempt limit and probe lease while it runs; abort grace while it lingers
}
export interface Timer {
  at: number;
  seq: number;
  fire: () => void;
}
interface Result {
  at: number;
  failed: boolean;
  slow: boolean;
}

const MAX_HINT_MS = 3_600_000;

/** time is a number that is advanced; what is due falls due in order of time, ties as armed */
export class Timeline {
  now = 0;
  private timers: Timer[] = [];
  private nextSeq = 0;

  arm(at: number, fire: () => void): Timer {
    const timer = { at, seq: this.nextSeq++, fire };
    this.timers.push(timer);
    return timer;
  }

  disarm(timer: Timer | null): void {
    this.timers = this.timers.filter((t) => t !== timer);
  }

  advance(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = this.timers.filter((t) => t.at <= until).sort((a, b) => a.at - b.at || a.seq - b.seq)[0];
      if (!due) break;
      this.now = due.at;
      this.disarm(due);
      due.fire();
    }
    this.now = until;
  }
}

function median(times: number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] as number;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] as number;
  return (lower + upper) / 2;
}

export class ReferenceModel {
  readonly config: ModelConfig;
  control: 'active' | 'paused' | 'draining' = 'active';
  breaker: ModelObservation['breaker'];
  waiting: Request[] = []; // always in serving order
  backingOff: Request[] = []; // always in serving order; none unless active and closed
  calls: Call[] = []; // each holds a slot
  generation = 0;
  private time: Timeline;
  private opened: () => void; // told when its half-open begins or a rate limit ends
  private failures = 0; // in a row, while closed
  private results: Result[] = []; // of the policies with a window, while closed
  private successes = 0; // in this half-open spell
  private opens = 0;
  private closedAt = 0;
  openUntil = 0;
  private recovery: Timer | null = null;
  limitedUntil: number | null = null; // null when no limit holds
  private limitStart: number | null = null; // of the last limit, also when it is over
  private limitCount = 0;
  private limitEnd: Timer | null = null;
  private runningLimit: number;
  private serviceTimes: number[] = []; // of the last 21 successful calls

  constructor(config: ModelConfig, time: Timeline, opened: (m: ReferenceModel) => void) {
    this.config = config;
    this.time = time;
    this.opened = () => opened(this);
    this.breaker = config.breaker === false ? 'forced_closed' : 'closed';
    this.runningLimit = config.maxConcurrency;
  }

  observe(): ModelObservation {
    const idle = this.waiting.length === 0 && this.calls.length === 0;
    return {
      control: this.control === 'draining' && idle ? 'drained' : this.control,
      breaker: this.breaker,
      failureCount: this.failureCount(),
      openUntil: this.breaker === 'open' ? this.openUntil : null,
      limitedUntil: this.limitedUntil,
      runningLimit: this.runningLimit,
      probes: this.probes(),
      waiting: this.waiting.map((r) => r.id),
      backingOff: this.backingOff.map((r) => r.id),
      running: this.running()
        .map((c) => c.request.id)
        .sort(),
      lingering: this.calls.length - this.running().length,
      queueDepth: this.depth(),
    };
  }

  private failureCount(): number {
    const b = this.config.breaker;
    if (this.breaker !== 'closed' || b === false) return 0;
    if ((b.policy ?? 'consecutive') === 'consecutive') return this.failures;
    return this.window(b).filter((r) => r.failed).length;
  }

  // ---- places and slots ----

  private running(): Call[] {
    return this.calls.filter((c) => !c.lingering);
  }
  private depth(): number {
    return this.waiting.length + this.backingOff.length + this.running().length;
  }
  isFull(): boolean {
    return this.depth() >= this.config.maxQueueDepth;
  }
  isClosed(): boolean {
    return this.breaker === 'closed' || this.breaker === 'forced_closed';
  }
  /** running + lingering */
  private slotFree(): boolean {
    return this.calls.length < this.config.maxConcurrency;
  }
  /** as far as slots go */
  private startFree(): boolean {
    return this.slotFree() && this.running().length < this.runningLimit;
  }
  /** what waits here may start now; open and half-open models have nothing waiting */
  startsWaiting(): boolean {
    return this.control !== 'paused' && this.limitedUntil === null && this.isClosed() && this.startFree();
  }
  /** probes in flight of the present half-open spell */
  private probes(): number {
    if (this.breaker !== 'half_open') return 0;
    return this.running().filter((c) => c.probe && c.generation === this.generation).length;
  }

  // ---- its queue ----

  /** all that could be displaced or sent back, in serving order */
  queue(): Request[] {
    return [...this.waiting, ...this.backingOff].sort(compare);
  }

  enqueue(request: Request): void {
    this.waiting.push(request);
    this.waiting.sort(compare);
  }

  /** keeps its place, but neither slot nor permit */
  backOff(request: Request, waitMs: number, retry: () => void): void {
    request.retrying = true;
    request.retryTimer = this.time.arm(this.time.now + waitMs, retry);
    this.backingOff.push(request);
    this.backingOff.sort(compare);
  }

  /** these wait or back off here no longer */
  release(requests: Request[]): Request[] {
    for (const r of requests) this.time.disarm(r.retryTimer);
    this.waiting = this.waiting.filter((r) => !requests.includes(r));
    this.backingOff = this.backingOff.filter((r) => !requests.includes(r));
    return requests;
  }

  // ---- what it says to a request ----

  /** why it refuses whoever comes, places aside; null when it does not */
  private closedDoor(): Refusal | null {
    if (this.control !== 'active') return this.control;
    if (this.breaker === 'open' || this.breaker === 'forced_open') return 'circuit_open';
    if (this.breaker === 'half_open') {
      const b = this.config.breaker as BreakerConfig;
      if (this.probes() >= b.halfOpenMaxProbes || !this.slotFree()) return 'half_open';
    }
    return this.limitedUntil === null ? null : 'rate_limited';
  }

  /** would take it with a free place or permit, if only to wait out a rate limit */
  takes(request: Request): boolean {
    if (this.isFull()) return false;
    const waitsOut = this.isClosed() && this.limitedUntil !== null && this.limitedUntil < request.deadline;
    return this.closedDoor() === null || (this.control === 'active' && waitsOut);
  }

  /** why it refuses this request; null when it starts it or gives it a waiting place, a free one or a victim's */
  refusal(request: Request): Refusal | null {
    const closed = this.closedDoor();
    if (closed) return closed;
    const queues = this.breaker !== 'half_open';
    if (this.isFull() && !(queues && victimOf(this.queue(), request))) return 'queue_full';
    const left = request.deadline - this.time.now;
    if (queues && !this.startFree() && this.predictedWait(request) > left) return 'deadline_unreachable';
    return null;
  }

  private predictedWait(request: Request): number {
    if (this.serviceTimes.length < 5) return 0;
    const service = median(this.serviceTimes);
    const limit = this.runningLimit;
    const ahead = this.waiting.filter((w) => compare(w, request) < 0).length;
    const starts = this.running()
      .map((c) => c.startedAt)
      .sort((a, b) => a - b);
    const start = starts[Math.max(0, starts.length - limit) + (ahead % limit)];
    const rounds = Math.floor(ahead / limit) * service;
    return start === undefined ? rounds : rounds + Math.max(0, start + service - this.time.now);
  }

  // ---- retries ----

  /** how long a request backs off whose call here has just ended with a retryable failure; null when it moves on */
  retryWait(request: Request, retryAfterMs: number | undefined, maxMs: number): number | null {
    if (this.control !== 'active' || !this.isClosed() || this.limitedUntil !== null) return null;
    if ((request.attemptsBy[this.config.name] ?? 0) > request.maxRetries) return null;
    if (request.attempts >= MAX_ATTEMPTS) return null;
    const runningBefore = this.running().length + 1; // with the call that has just ended
    if (this.retrying().length >= Math.max(3, runningBefore / 5)) return null;
    const wait = Math.min(retryAfterMs ?? 0, MAX_HINT_MS);
    const others = request.cursor + 1 < request.candidates.length;
    if (wait > maxMs && others) return null;
    return this.time.now + wait < request.deadline ? wait : null;
  }

  /** those it tries again: backing off, waiting again or running again */
  private retrying(): Request[] {
    return [...this.queue(), ...this.running().map((c) => c.request)].filter((r) => r.retrying);
  }

  // ---- results ----

  /** a call that held this permit has this outcome; answers what waited or backed off and goes back, in serving order */
  conclude(call: Call, outcome: Outcome, retryAfterMs: number | undefined): { back: Request[]; reason: Refusal } {
    if (outcome === 'success') this.noteSuccess(call);
    if (outcome === 'rate_limited') return { back: this.limit(call, retryAfterMs), reason: 'rate_limited' };
    this.judge(call, outcome, retryAfterMs);
    return { back: this.breaker === 'open' ? this.release(this.queue()) : [], reason: 'circuit_open' };
  }

  private noteSuccess(call: Call): void {
    this.serviceTimes = [...this.serviceTimes, this.time.now - call.startedAt].slice(-21);
    if (this.limitStart !== null && call.startedAt >= this.limitStart) this.limitCount = 0;
    // By the state before this outcome: the success that closes does not raise, the one that trips does.
    if (this.isClosed()) this.runningLimit = Math.min(this.runningLimit + 1, this.config.maxConcurrency);
  }

  // ---- rate limit ----

  /** a 429, whatever its permit; answers those of its queue whose time ends before the limit does */
  private limit(call: Call, retryAfterMs: number | undefined): Request[] {
    const hint = Math.min(retryAfterMs ?? 0, MAX_HINT_MS); // 0 is no hint
    const begins = this.limitStart === null || call.startedAt >= this.limitStart;
    if (!begins && hint <= 0) return [];
    if (begins) {
      this.limitCount += 1;
      this.limitStart = this.time.now;
    }
    const until = this.time.now + (hint > 0 ? hint : Math.min(60_000, 1_000 * 2 ** (this.limitCount - 1)));
    if (!begins && this.limitedUntil !== null && until <= this.limitedUntil) return [];
    const end = Math.max(this.limitedUntil ?? 0, until);
    this.limitedUntil = end;
    this.time.disarm(this.limitEnd);
    this.limitEnd = this.time.arm(end, () => this.endLimit());
    // whoever has another candidate goes there, as a newcomer would
    return this.release(this.queue().filter((r) => r.deadline <= end || r.cursor + 1 < r.candidates.length));
  }

  private endLimit(): void {
    this.limitedUntil = null;
    if (this.isClosed()) this.startSlowly();
    this.opened();
  }

  /** after a recovery and after a rate limit */
  private startSlowly(): void {
    const b = this.config.breaker;
    this.runningLimit = b === false ? 1 : Math.min(b.halfOpenMaxProbes, this.config.maxConcurrency);
  }

  // ---- breaker ----

  /** a stale result, and whatever comes while forced, moves nothing */
  private judge(call: Call, outcome: Outcome, retryAfterMs: number | undefined): void {
    const b = this.config.breaker;
    if (b === false || call.generation !== this.generation) return;
    if (outcome === 'ignored') return; // the permit is back, nothing else moves
    const failed = outcome !== 'success';
    const hint = failed ? (retryAfterMs ?? 0) : 0;
    if (this.breaker === 'half_open') {
      if (!failed) this.successes += 1;
      if (failed) this.open(b, hint);
      else if (this.successes >= b.successThreshold) this.close(b);
    } else if (this.breaker === 'closed' && this.trips(b, call, failed)) {
      this.failures = 0;
      this.results = [];
      if (b.observe) return;
      if (b.recoveryTimeoutMs > 0)
        this.opens = Math.max(0, this.opens - Math.floor((this.time.now - this.closedAt) / b.recoveryTimeoutMs));
      this.open(b, hint);
    }
  }

  /** counts a result of the closed breaker; true when it trips */
  private trips(b: BreakerConfig, call: Call, failed: boolean): boolean {
    if ((b.policy ?? 'consecutive') === 'consecutive') {
      this.failures = failed ? this.failures + 1 : 0;
      return this.failures >= b.failureThreshold;
    }
    const slow = b.slowCallMs !== undefined && this.time.now - call.startedAt > b.slowCallMs;
    this.results.push({ at: this.time.now, failed, slow });
    const window = this.window(b);
    const minimum = b.minimumCalls ?? (b.policy === 'count' ? Math.min(20, b.windowSize ?? 100) : 20);
    if (window.length < minimum) return false;
    if (window.filter((r) => r.failed).length / window.length >= (b.failureRate ?? 0.5)) return true;
    if (b.slowCallMs === undefined) return false;
    return window.filter((r) => r.slow).length / window.length >= (b.slowCallRate ?? 0.5);
  }

  /** the results that count now */
  private window(b: BreakerConfig): Result[] {
    if (b.policy === 'count') return this.results.slice(-(b.windowSize ?? 100));
    const sliceOf = (at: number) => Math.floor(at / ((b.windowMs ?? 60_000) / 10));
    return this.results.filter((r) => sliceOf(this.time.now) - sliceOf(r.at) < 10);
  }

  private open(b: BreakerConfig, hint: number): void {
    this.enter('open');
    this.opens += 1;
    // 60 doublings exceed every maxOpenMs; the bound keeps 0 × 2^n from becoming NaN.
    const duration = Math.min(b.recoveryTimeoutMs * 2 ** Math.min(this.opens - 1, 60), b.maxOpenMs);
    this.openUntil = this.time.now + Math.max(duration, Math.min(hint, MAX_HINT_MS)); // the hint of the outcome that opens it
    this.recovery = this.time.arm(this.openUntil, () => {
      this.enter('half_open');
      this.opened();
    });
  }

  private close(b: BreakerConfig): void {
    this.enter('closed');
    this.closedAt = this.time.now;
    if (b.recoveryTimeoutMs === 0) this.opens = 0;
    this.startSlowly();
  }

  /** the operator's; answers what waited or backed off and goes back */
  forceOpen(): Request[] {
    this.enter('forced_open');
    return this.release(this.queue());
  }

  /** the operator's word: all is forgotten, at full running limit */
  closeByHand(to: 'closed' | 'forced_closed'): void {
    this.enter(to);
    this.opens = 0;
    this.closedAt = this.time.now;
    this.runningLimit = this.config.maxConcurrency;
  }

  /** a new generation with clean counts */
  private enter(breaker: ModelObservation['breaker']): void {
    this.breaker = breaker;
    this.generation += 1;
    this.failures = 0;
    this.results = [];
    this.successes = 0;
    this.time.disarm(this.recovery);
  }
}
