import {
  BrokenCircuitError,
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  ConstantBackoff,
  CountBreaker,
  circuitBreaker,
  DelegateBackoff,
  fallback,
  handleWhen,
  type IBreaker,
  type IPolicy,
  IsolatedCircuitError,
  retry,
  SamplingBreaker,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import {
  type Breaker,
  type BreakerConfig,
  type BreakerEvent,
  type Call,
  NotExpressible,
  type State,
} from '../interface.ts';
import { advancePeers, turn } from './peer-time.ts';
import { PendingCall, ProviderError } from './pending.ts';

/** It opens above a share, never at it. */
const ABOVE = 1e-5;

const STATES: Readonly<Record<CircuitState, State>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'forced_open',
};

function refuseUnknown(config: BreakerConfig): void {
  const { successThreshold = 1, probes = 1 } = config;
  const lacks = (isAsked: boolean, reason: string): void => {
    if (isAsked) throw new NotExpressible(reason);
  };
  lacks(successThreshold > 1, 'One success closes it; the number cannot be set.');
  lacks(probes > 1, 'Half-open takes one probe; the number cannot be set.');
  lacks(config.slow !== undefined, 'It knows no slow calls.');
  lacks(config.observe === true, 'It has no mode that only measures.');
  lacks(config.warmUpMs !== undefined, 'It has no warm-up, only a least number of calls.');
  lacks(config.initially !== undefined, 'It begins closed, or as an export of an earlier one says.');
}

function breakerOf({ policy }: BreakerConfig): IBreaker {
  switch (policy.kind) {
    case 'failures':
    case 'consecutive':
      return new ConsecutiveBreaker(policy.failures);
    case 'count': {
      const { size, rate, minimum } = policy;
      return new CountBreaker({ threshold: rate - ABOVE, size, minimumNumberOfCalls: minimum });
    }
    case 'time':
      return new SamplingBreaker({
        threshold: policy.rate - ABOVE,
        duration: policy.ms,
        minimumRps: (policy.minimum * 1_000) / policy.ms,
      });
  }
}

const isFailure =
  ({ classes, timeout: limit }: BreakerConfig) =>
  (error: unknown): boolean => {
    if (classes !== undefined) return error instanceof classes.record && !(error instanceof classes.ignore);
    if (error instanceof TaskCancelledError) return limit?.counts === true;
    return !(error instanceof ProviderError) || error.kind === 'failure';
  };

class CockatielBreaker implements Breaker {
  readonly #config: BreakerConfig;
  readonly #listeners: ((event: BreakerEvent) => void)[] = [];
  readonly #handles: { dispose(): void }[] = [];
  #breaker!: IBreaker;
  #circuit!: CircuitBreakerPolicy;
  #policy!: IPolicy;

  constructor(config: BreakerConfig) {
    this.#config = config;
    this.#make(undefined);
  }

  async begin(): Promise<Call> {
    const controller = new AbortController();
    const call = new PendingCall(turn, controller);
    call.follow(this.#policy.execute(call.invoke, controller.signal));
    await turn();
    return call;
  }

  async throws(error: Error): Promise<Call> {
    const call = new PendingCall(turn).follow(this.#policy.execute(() => Promise.reject(error)));
    await turn();
    return call;
  }

  advance = advancePeers;

  state(): State {
    return STATES[this.#circuit.state];
  }

  async force(to: Parameters<Breaker['force']>[0]): Promise<() => Promise<void>> {
    if (to === 'closed') throw new NotExpressible('It can be held open by hand, not held closed.');
    if (to === 'reset') for (const handle of this.#handles.splice(0)) handle.dispose();
    if (to !== 'open') return async () => {};
    const handle = this.#circuit.isolate();
    this.#handles.push(handle);
    return async () => handle.dispose();
  }

  failures(): number {
    const state = this.#breaker.state as number | { readonly failures: number } | { readonly currentFailures: number };
    if (typeof state === 'number') return state;
    return 'failures' in state ? state.failures : state.currentFailures;
  }

  rejections(): number {
    throw new NotExpressible('It does not count the calls that it refuses.');
  }

  remainingMs(): number {
    throw new NotExpressible('A refusal does not say for how long.');
  }

  isOwn(error: unknown): boolean {
    return error instanceof BrokenCircuitError || error instanceof IsolatedCircuitError;
  }

  why(): string | null {
    const failure = this.#circuit.lastFailure;
    return failure !== undefined && 'error' in failure ? failure.error.message : null;
  }

  export(): unknown {
    return this.#circuit.toJSON();
  }

  async import(memo: unknown): Promise<void> {
    this.#make(memo);
  }

  on(listener: (event: BreakerEvent) => void): void {
    this.#listeners.push(listener);
    this.#listen(listener);
  }

  shutdown(): Promise<void> {
    throw new NotExpressible('It is not shut down: it holds no timer.');
  }

  #make(initialState: unknown): void {
    const config = this.#config;
    const { recoveryMs = 60_000, growth = 1, capacity, timeout: limit, retry: again, fallback: instead } = config;
    const handled = handleWhen(isFailure(config));
    this.#breaker = breakerOf(config);
    this.#circuit = circuitBreaker(handled, {
      breaker: this.#breaker,
      halfOpenAfter: new DelegateBackoff(({ attempt, result }) => {
        const asked = 'error' in result && result.error instanceof ProviderError ? result.error.waitMs : undefined;
        return asked ?? recoveryMs * growth ** (attempt - 1);
      }),
      ...(initialState !== undefined && { initialState }),
    });
    const policies: IPolicy[] = [this.#circuit];
    if (limit !== undefined) policies.push(timeout(limit.ms, TimeoutStrategy.Aggressive));
    if (capacity !== undefined) policies.unshift(bulkhead(capacity, 0));
    if (again !== undefined) {
      const isRetried = handleWhen((error) => again.rejections || !this.isOwn(error));
      policies.unshift(retry(isRetried, { maxAttempts: again.attempts, backoff: new ConstantBackoff(again.delayMs) }));
    }
    if (instead !== undefined) policies.unshift(fallback(handled, instead) as unknown as IPolicy);
    this.#policy = wrap(...policies);
    for (const listener of this.#listeners) this.#listen(listener);
  }

  #listen(listener: (event: BreakerEvent) => void): void {
    this.#circuit.onStateChange((state) => listener({ type: 'changed', to: STATES[state] }));
  }
}

/** @throws {NotExpressible} */
export function createCockatielBreaker(config: BreakerConfig): Breaker {
  refuseUnknown(config);
  return new CockatielBreaker(config);
}
