import { BackendError, LLMRouterError } from '../../../src/errors.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import type { BreakerSettings } from '../../../src/model-options.ts';
import type { RouterSnapshot } from '../../../src/snapshot.ts';
import { ScriptedBackend, type ScriptedCall } from '../../support/scripted-backend.ts';
import { settled, VirtualClock } from '../../support/virtual-clock.ts';
import type { Breaker, BreakerConfig, BreakerEvent, Call, CallStatus, Outcome, State } from '../interface.ts';

/** Longer than any row lasts: no limit of its own may end a call that a row leaves running. */
const LONG_MS = 1_000_000_000_000;
const MODEL = 'm';

/** How to stop each router that was made since the last release. */
const made = new Set<() => Promise<void>>();

function settingsOf(config: BreakerConfig): BreakerSettings {
  const {
    policy,
    recoveryMs = 60_000,
    growth,
    slow,
    successThreshold = 1,
    probes = 1,
    probeTimeoutMs = LONG_MS,
  } = config;
  return {
    ...policyOf(policy),
    ...(slow !== undefined && { slowCallMs: slow.ms, slowCallRate: slow.rate }),
    observe: config.observe,
    successThreshold,
    halfOpenMaxProbes: probes,
    recoveryTimeoutMs: recoveryMs,
    // It always doubles; what bounds the time keeps it the same.
    maxOpenMs: growth === undefined ? recoveryMs : Number.MAX_SAFE_INTEGER,
    openJitter: 0,
    probeTimeoutMs,
  };
}

function policyOf(policy: BreakerConfig['policy']): BreakerSettings {
  switch (policy.kind) {
    case 'failures':
    case 'consecutive':
      return { policy: 'consecutive', failureThreshold: policy.failures };
    case 'count':
      return { policy: 'count', windowSize: policy.size, failureRate: policy.rate, minimumCalls: policy.minimum };
    case 'time':
      return { policy: 'time', windowMs: policy.ms, failureRate: policy.rate, minimumCalls: policy.minimum };
  }
}

class RouterCall implements Call {
  error: unknown;
  #isOver = false;
  readonly #controller = new AbortController();
  /** The backend's call, when it was called. */
  #scripted: ScriptedCall | undefined;

  async start(router: LLMRouter, backend: ScriptedBackend, timeoutMs: number): Promise<this> {
    const before = backend.calls.length;
    router.generate('hi', { signal: this.#controller.signal, timeoutMs }).then(
      () => {
        this.#isOver = true;
      },
      (error: unknown) => {
        this.#isOver = true;
        this.error = error;
      },
    );
    await settled();
    this.#scripted = backend.calls[before];
    return this;
  }

  get status(): CallStatus {
    if (this.#scripted === undefined) return this.#isOver ? 'rejected' : 'parked';
    return this.#isOver ? 'done' : 'running';
  }

  async settle(outcome: Outcome, waitMs?: number): Promise<void> {
    if (outcome === 'success') this.#scripted?.succeed();
    else this.fail(refusal(outcome, waitMs));
    await settled();
  }

  fail(error: Error): void {
    this.#scripted?.fail(error);
  }

  async abort(): Promise<void> {
    this.#controller.abort();
    // The backend honours its signal.
    this.fail(new Error('aborted'));
    await settled();
  }
}

/** Whose fault it is, the router tells by the status. */
const refusal = (outcome: Outcome, waitMs: number | undefined): BackendError =>
  new BackendError(outcome, {
    status: outcome === 'ignored' ? 400 : 503,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  });

const excused = (error: unknown) => ((error as BackendError).status === 400 ? 'success' : undefined);

/** One model of a whole router, driven by its public methods: real charts, slots and calls, and a scripted backend. */
class RouterBreaker implements Breaker {
  readonly #config: BreakerConfig;
  readonly #settings: BreakerSettings;
  readonly #clock = new VirtualClock();
  readonly #listeners: ((event: BreakerEvent) => void)[] = [];
  #backend!: ScriptedBackend;
  #router!: LLMRouter;

  constructor(config: BreakerConfig) {
    this.#config = config;
    this.#settings = settingsOf(config);
    this.#make();
  }

  begin(): Promise<Call> {
    const { timeout } = this.#config;
    // A time-out that is not to count is the request's own; one that counts is the model's.
    const timeoutMs = timeout?.counts === false ? timeout.ms : LONG_MS;
    return new RouterCall().start(this.#router, this.#backend, timeoutMs);
  }

  async throws(error: Error): Promise<Call> {
    const call = await new RouterCall().start(this.#router, this.#backend, LONG_MS);
    call.fail(error);
    await settled();
    return call;
  }

  async advance(ms: number): Promise<void> {
    await this.#clock.advance(ms);
    await settled();
  }

  state(): State {
    return this.#status.circuitBreaker.state;
  }

  async force(to: Parameters<Breaker['force']>[0]): Promise<() => Promise<void>> {
    if (to === 'open') this.#router.forceOpen(MODEL);
    if (to === 'closed') this.#router.forceClosed(MODEL);
    if (to === 'reset') this.#router.reset(MODEL);
    // There is no method that makes it half-open.
    await settled();
    return async () => {
      this.#router.reset(MODEL);
      await settled();
    };
  }

  failures(): number {
    return this.#status.circuitBreaker.failureCount;
  }

  rejections(): number {
    return this.#router.getStats().failures - this.#status.failures;
  }

  remainingMs({ error }: Call): number {
    return (error as LLMRouterError).retryAfterMs ?? 0;
  }

  isOwn(error: unknown): boolean {
    return error instanceof LLMRouterError;
  }

  why(): string | null {
    return this.#status.circuitBreaker.lastTrip?.cause ?? null;
  }

  export(): unknown {
    return this.#router.snapshot();
  }

  async import(memo: unknown): Promise<void> {
    await this.shutdown();
    this.#make();
    this.#router.restore(memo as RouterSnapshot);
  }

  on(listener: (event: BreakerEvent) => void): void {
    this.#listeners.push(listener);
    this.#listen(listener);
  }

  async shutdown(): Promise<void> {
    const stopped = this.#router.stop({ graceMs: 0 });
    await this.#clock.advance(0);
    await stopped;
  }

  get #status() {
    return this.#router.getModelStatus()[MODEL]!;
  }

  #make(): void {
    const { capacity, timeout } = this.#config;
    this.#backend = new ScriptedBackend();
    this.#router = new LLMRouter({ clock: this.#clock, seed: 1 }).addModel(MODEL, {
      backend: this.#backend,
      ...(this.#config.ignoredIsSuccess && { classify: excused }),
      maxConcurrency: capacity ?? 32,
      maxQueueDepth: capacity ?? 64,
      attemptTimeoutMs: timeout?.counts === true ? timeout.ms : LONG_MS,
      breaker: this.#settings,
    });
    made.add(() => this.shutdown());
    for (const listener of this.#listeners) this.#listen(listener);
  }

  #listen(listener: (event: BreakerEvent) => void): void {
    this.#router.on('breaker.changed', ({ to }) => listener({ type: 'changed', to }));
    this.#router.on('breaker.would_open', () => listener({ type: 'would_open' }));
  }
}

/** @throws {NotExpressible} */
export const createRouterBreaker = (config: BreakerConfig): Breaker => new RouterBreaker(config);

export async function releaseRouters(): Promise<void> {
  for (const stop of made) await stop();
  made.clear();
}
