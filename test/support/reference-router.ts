// Naive reference model of the router, written from DESIGN.md §3, §3a and §7 alone.
// Arrays and linear scans everywhere; every step is synchronous and depth-first: whatever a request's move causes
// (a displacement, and the displaced one's own move) is finished before the next request is looked at.

export interface BreakerConfig {
  failureThreshold: number;
  successThreshold: number;
  recoveryTimeoutMs: number;
  maxOpenMs: number;
  halfOpenMaxProbes: number;
  probeTimeoutMs: number;
}
export interface ModelConfig {
  name: string;
  maxQueueDepth: number;
  maxConcurrency: number;
  attemptTimeoutMs: number;
  abortGraceMs: number;
  breaker: BreakerConfig | false;
}
export interface RuleConfig {
  priority: PriorityClass;
  targets: string[];
  fallback: string[];
}
export interface ReferenceConfig {
  models: ModelConfig[];
  rules: RuleConfig[];
}
export type PriorityClass = 'critical' | 'high' | 'normal' | 'low';
export type Outcome = 'success' | 'failure' | 'ignored' | 'rate_limited';
export type Settlement =
  | { result: 'served'; model: string }
  | { result: 'error'; code: string }
  | { result: 'aborted' };
export interface Observation {
  now: number;
  settled: Record<string, Settlement>;
  models: Record<
    string,
    {
      breaker: 'closed' | 'open' | 'half_open' | 'forced_closed';
      failureCount: number;
      openUntil: number | null;
      probes: number;
      waiting: string[];
      running: string[];
      lingering: number;
      queueDepth: number;
    }
  >;
}

const BOOST: Record<PriorityClass, number> = { critical: 60_000, high: 45_000, normal: 5_000, low: 0 };
const RANK: Record<PriorityClass, number> = { critical: 3, high: 2, normal: 1, low: 0 };
const DEFAULT_TIMEOUT_MS = 120_000;
const MAX_HINT_MS = 3_600_000;

/** how a candidate that did not serve the request left it */
type LastWord = 'failed' | 'rate_limited' | 'queue_full' | 'displaced' | 'circuit_open' | 'half_open';
interface Timer {
  at: number;
  seq: number;
  fire: () => void;
}
interface Request {
  id: string;
  seq: number;
  priority: PriorityClass;
  arrival: number;
  deadline: number;
  candidates: string[];
  cursor: number; // the candidate whose turn it is; -1 before the first
  lastWords: LastWord[];
  deadlineTimer: Timer | null;
}
interface Call {
  request: Request;
  generation: number;
  probe: boolean; // the permit
  lingering: boolean; // answered already; holds its slot until the backend settles or the grace ends
  timers: Timer[]; // attempt limit and probe lease while it runs; abort grace while it lingers
}
interface Model {
  config: ModelConfig;
  breaker: 'closed' | 'open' | 'half_open' | 'forced_closed';
  generation: number;
  failures: number; // consecutive, while closed
  successes: number; // in this half-open spell
  opens: number;
  closedAt: number;
  openUntil: number;
  waiting: Request[]; // always in serving order
  calls: Call[]; // each holds a slot
}

function orderKey(r: Request): number {
  return r.arrival - BOOST[r.priority];
}

/** serving order: the static key, ties by arrival, then by acceptance */
function compare(a: Request, b: Request): number {
  return orderKey(a) - orderKey(b) || a.arrival - b.arrival || a.seq - b.seq;
}

export class ReferenceRouter {
  private now = 0;
  private config: ReferenceConfig;
  private models: Model[];
  private timers: Timer[] = [];
  private live: Request[] = [];
  private settled: Record<string, Settlement> = {};
  private nextSeq = 0; // for timers and requests alike

  constructor(config: ReferenceConfig) {
    this.config = config;
    this.models = config.models.map(
      (m): Model => ({
        config: m,
        breaker: m.breaker === false ? 'forced_closed' : 'closed',
        generation: 0,
        failures: 0,
        successes: 0,
        opens: 0,
        closedAt: 0,
        openUntil: 0,
        waiting: [],
        calls: [],
      }),
    );
  }

  // ---- the caller's side ----

  submit(r: { id: string; priority: PriorityClass; timeoutMs?: number; model?: string; fallback?: boolean }): void {
    const candidates = this.candidatesOf(r);
    const deadline = this.now + (r.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const request: Request = {
      id: r.id,
      seq: this.nextSeq++,
      priority: r.priority,
      arrival: this.now,
      deadline,
      candidates: candidates ?? [],
      cursor: -1,
      lastWords: [],
      deadlineTimer: null,
    };
    if (candidates === null) {
      this.settle(request, { result: 'error', code: 'model_unknown' });
      return;
    }
    this.live.push(request);
    // Armed at acceptance, hence before every timer of any of its attempts.
    request.deadlineTimer = this.arm(request.deadline, () =>
      this.withdraw(request, { result: 'error', code: 'deadline_exceeded' }),
    );
    this.moveOn(request);
  }

  abort(id: string): void {
    const request = this.live.find((r) => r.id === id);
    if (request) this.withdraw(request, { result: 'aborted' });
  }

  finish(id: string, model: string, outcome: Outcome, hint?: { retryAfterMs?: number }): void {
    const m = this.models.find((x) => x.config.name === model);
    const call = m?.calls.find((c) => c.request.id === id);
    if (!m || !call) return;
    this.removeCall(m, call);
    // A lingering call's permit and request were settled when it began to linger; only its slot is given back.
    if (call.lingering) this.startWaiting(m);
    else this.conclude(m, call, outcome, hint?.retryAfterMs);
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

  observe(): Observation {
    const models: Observation['models'] = {};
    for (const m of this.models) {
      models[m.config.name] = {
        breaker: m.breaker,
        failureCount: m.breaker === 'closed' ? m.failures : 0,
        openUntil: m.breaker === 'open' ? m.openUntil : null,
        probes: this.probesOf(m),
        waiting: m.waiting.map((r) => r.id),
        running: this.runningOf(m)
          .map((c) => c.request.id)
          .sort(),
        lingering: m.calls.length - this.runningOf(m).length,
        queueDepth: this.depthOf(m),
      };
    }
    return { now: this.now, settled: { ...this.settled }, models };
  }

  openCalls(): { id: string; model: string; lingering: boolean }[] {
    return this.models.flatMap((m) =>
      m.calls.map((c) => ({ id: c.request.id, model: m.config.name, lingering: c.lingering })),
    );
  }

  // ---- routing ----

  /** targets, then fallbacks, each model once; null when the pinned name is unknown */
  private candidatesOf(r: { priority: PriorityClass; model?: string; fallback?: boolean }): string[] | null {
    const known = this.models.map((m) => m.config.name);
    if (r.model !== undefined && known.includes(r.model)) return [r.model];
    if (r.model !== undefined && r.model !== 'auto') return null;
    const rule = this.config.rules.find((x) => x.priority === r.priority);
    if (!rule) return known;
    const names = r.fallback === false ? rule.targets : [...rule.targets, ...rule.fallback];
    return names.filter((name, i) => names.indexOf(name) === i);
  }

  /** takes a request that no model holds to its next candidates until one takes it, or settles it */
  private moveOn(request: Request): void {
    for (;;) {
      if (request.deadline <= this.now) {
        this.settle(request, { result: 'error', code: 'deadline_exceeded' });
        return;
      }
      request.cursor += 1;
      const name = request.candidates[request.cursor];
      if (name === undefined) {
        this.settle(request, { result: 'error', code: this.finalCode(request) });
        return;
      }
      const m = this.models.find((x) => x.config.name === name);
      if (!m) continue;
      const answer = this.offer(m, request);
      if (answer === 'taken') return;
      request.lastWords.push(answer);
    }
  }

  /** 'taken' when the model started the request or gave it a waiting place; else why it refuses */
  private offer(m: Model, request: Request): LastWord | 'taken' {
    const full = this.depthOf(m) >= m.config.maxQueueDepth;
    if (m.breaker === 'open') return 'circuit_open';
    if (m.breaker === 'half_open') {
      const b = m.config.breaker as BreakerConfig;
      if (this.probesOf(m) >= b.halfOpenMaxProbes || !this.slotFree(m)) return 'half_open';
      if (full) return 'queue_full'; // only with maxConcurrency above maxQueueDepth, which the design calls an error
      this.start(m, request);
      return 'taken';
    }
    if (!full) {
      this.insert(m, request);
      this.startWaiting(m);
      return 'taken';
    }
    const victim = m.waiting[m.waiting.length - 1];
    if (victim && RANK[victim.priority] < RANK[request.priority] && orderKey(victim) > orderKey(request)) {
      m.waiting.pop();
      this.insert(m, request); // the newcomer has its place before the victim moves on
      victim.lastWords.push('displaced');
      this.moveOn(victim);
      return 'taken';
    }
    return 'queue_full';
  }

  /** §3a.22; "an attempt made outranks a skip" */
  private finalCode(request: Request): string {
    const words = request.lastWords;
    if (words.includes('failed')) return 'provider_failed';
    if (words.includes('rate_limited')) return 'rate_limited';
    if (words.includes('queue_full') || words.includes('displaced')) return 'queue_full';
    return 'no_model_available';
  }

  private settle(request: Request, settlement: Settlement): void {
    this.settled[request.id] = settlement;
    this.live = this.live.filter((r) => r !== request);
    if (request.deadlineTimer) this.disarm(request.deadlineTimer);
  }

  /** the caller's abort or the request's deadline: answered at once, wherever it is; the permit moves nothing */
  private withdraw(request: Request, settlement: Settlement): void {
    this.settle(request, settlement);
    for (const m of this.models) {
      m.waiting = m.waiting.filter((r) => r !== request);
      const call = m.calls.find((c) => c.request === request && !c.lingering);
      if (call) this.linger(m, call);
    }
  }

  // ---- queue and slots ----

  private runningOf(m: Model): Call[] {
    return m.calls.filter((c) => !c.lingering);
  }
  private depthOf(m: Model): number {
    return m.waiting.length + this.runningOf(m).length;
  }
  private slotFree(m: Model): boolean {
    return m.calls.length < m.config.maxConcurrency;
  } // running + lingering

  /** probes in flight of the present half-open spell */
  private probesOf(m: Model): number {
    if (m.breaker !== 'half_open') return 0;
    return this.runningOf(m).filter((c) => c.probe && c.generation === m.generation).length;
  }

  private insert(m: Model, request: Request): void {
    m.waiting.push(request);
    m.waiting.sort(compare);
  }

  /** starts what waits while a slot is free; open and half-open models have nothing waiting */
  private startWaiting(m: Model): void {
    while (m.waiting.length > 0 && this.slotFree(m)) {
      const head = m.waiting.shift() as Request;
      if (head.deadline <= this.now) this.settle(head, { result: 'error', code: 'deadline_exceeded' });
      else this.start(m, head);
    }
  }

  private start(m: Model, request: Request): void {
    const probe = m.breaker === 'half_open';
    const call: Call = { request, generation: m.generation, probe, lingering: false, timers: [] };
    m.calls.push(call);
    call.timers.push(this.arm(this.now + m.config.attemptTimeoutMs, () => this.timeOut(m, call)));
    if (probe) {
      const lease = (m.config.breaker as BreakerConfig).probeTimeoutMs;
      call.timers.push(this.arm(this.now + lease, () => this.timeOut(m, call)));
    }
  }

  /** the attempt limit or the probe's lease: aborted, counted as a failure, and the request moves on */
  private timeOut(m: Model, call: Call): void {
    this.linger(m, call);
    this.conclude(m, call, 'failure', undefined);
  }

  private linger(m: Model, call: Call): void {
    for (const t of call.timers) this.disarm(t);
    call.lingering = true;
    call.timers = [this.arm(this.now + m.config.abortGraceMs, () => this.abandon(m, call))];
  }

  private abandon(m: Model, call: Call): void {
    this.removeCall(m, call);
    this.startWaiting(m);
  }

  private removeCall(m: Model, call: Call): void {
    for (const t of call.timers) this.disarm(t);
    m.calls = m.calls.filter((c) => c !== call);
  }

  /** an attempt has its outcome (its slot is free already, or lingers): the model's part first, then the requests' */
  private conclude(m: Model, call: Call, outcome: Outcome, retryAfterMs: number | undefined): void {
    const back = this.judge(m, call, outcome, retryAfterMs);
    this.startWaiting(m);
    const request = call.request;
    if (outcome === 'success') this.settle(request, { result: 'served', model: m.config.name });
    else if (outcome === 'ignored') this.settle(request, { result: 'error', code: 'provider_rejected' });
    else {
      request.lastWords.push(outcome === 'failure' ? 'failed' : 'rate_limited');
      this.moveOn(request);
    }
    for (const r of back) {
      r.lastWords.push('circuit_open');
      this.moveOn(r);
    }
  }

  // ---- breaker ----

  /** moves the breaker; answers what was waiting, in serving order, when this outcome opens it */
  private judge(m: Model, call: Call, outcome: Outcome, retryAfterMs: number | undefined): Request[] {
    const b = m.config.breaker;
    if (b === false) return []; // forced_closed judges nothing
    if (call.generation !== m.generation) return []; // stale
    if (outcome === 'success' && m.breaker === 'closed') m.failures = 0;
    if (outcome === 'success' && m.breaker === 'half_open') {
      m.successes += 1;
      if (m.successes >= b.successThreshold) this.close(m, b);
    }
    if (outcome === 'failure' && m.breaker === 'half_open') return this.open(m, b, retryAfterMs);
    if (outcome === 'failure' && m.breaker === 'closed') {
      m.failures += 1;
      if (m.failures >= b.failureThreshold) {
        if (b.recoveryTimeoutMs > 0)
          m.opens = Math.max(0, m.opens - Math.floor((this.now - m.closedAt) / b.recoveryTimeoutMs));
        return this.open(m, b, retryAfterMs);
      }
    }
    return []; // ignored and rate_limited have given the permit back and move nothing
  }

  private open(m: Model, b: BreakerConfig, retryAfterMs: number | undefined): Request[] {
    m.breaker = 'open';
    m.generation += 1;
    m.failures = 0;
    m.opens += 1;
    // 60 doublings exceed every maxOpenMs; the bound keeps 0 × 2^n from becoming NaN.
    const duration = Math.min(b.recoveryTimeoutMs * 2 ** Math.min(m.opens - 1, 60), b.maxOpenMs);
    m.openUntil = this.now + Math.max(duration, Math.min(retryAfterMs ?? 0, MAX_HINT_MS)); // the hint of the outcome that opens it
    this.arm(m.openUntil, () => {
      m.breaker = 'half_open';
      m.generation += 1;
      m.successes = 0;
    });
    const back = m.waiting;
    m.waiting = [];
    return back;
  }

  private close(m: Model, b: BreakerConfig): void {
    m.breaker = 'closed';
    m.generation += 1;
    m.failures = 0;
    m.closedAt = this.now;
    if (b.recoveryTimeoutMs === 0) m.opens = 0;
  }

  // ---- time ----

  private arm(at: number, fire: () => void): Timer {
    const timer = { at, seq: this.nextSeq++, fire };
    this.timers.push(timer);
    return timer;
  }

  private disarm(timer: Timer): void {
    this.timers = this.timers.filter((t) => t !== timer);
  }
}
