import { createRequire } from 'node:module';
import {
  type Breaker,
  type BreakerConfig,
  type BreakerEvent,
  type Call,
  type Implementation,
  NotExpressible,
  type State,
} from '../interface.ts';
import { advancePeers, turn } from './peer-time.ts';
import { PendingCall, ProviderError } from './pending.ts';

/** The part of opossum that is used here; the package has no types of its own. */
interface Circuit {
  readonly opened: boolean;
  readonly halfOpen: boolean;
  readonly stats: { readonly failures: number; readonly rejects: number };
  fire(action: () => Promise<unknown>): Promise<unknown>;
  fallback(run: () => unknown): void;
  open(): void;
  close(): void;
  disable(): void;
  shutdown(): void;
  toJSON(): { readonly state: object; readonly status: object };
  on(event: 'open' | 'halfOpen' | 'close', listener: () => void): void;
}

interface CircuitClass {
  new (action: (call: () => Promise<unknown>) => Promise<unknown>, options: object): Circuit;
  newStatus(options: object): object;
  isOurError(error: unknown): boolean;
}

const CircuitBreaker = createRequire(import.meta.url)('opossum') as CircuitClass;

export const NO_QUEUE = 'It has no queue: what exceeds its capacity is refused.';

/** It opens above a percentage, never at it. */
const ABOVE = 0.001;
/** A call that has begun counts as fired before it ends, so a share above this is every result but one. */
const ALL_BUT_ONE = 0.6;
const DEFAULT_WINDOW_MS = 10_000;

function refuseUnknown(config: BreakerConfig): void {
  const { policy, successThreshold = 1, probes = 1 } = config;
  const lacks = (isAsked: boolean, reason: string): void => {
    if (isAsked) throw new NotExpressible(reason);
  };
  lacks(successThreshold > 1, 'One success closes it; the number cannot be set.');
  lacks(probes > 1, 'Half-open takes one probe; the number cannot be set.');
  lacks(config.slow !== undefined, 'It knows no slow calls; its time-out makes them fail.');
  lacks(config.growth !== undefined || config.hints === true, 'The open time is always the same.');
  lacks(config.retry !== undefined, 'It does not retry.');
  lacks(config.observe === true, 'It has no mode that only measures.');
  lacks(policy.kind === 'count' && policy.slides === true, 'Its window is of time, not of a number of results.');
  lacks(policy.kind === 'consecutive', 'It counts the share of failures, not failures in a row.');
}

function optionsOf(config: BreakerConfig): object {
  const { policy, recoveryMs = 60_000, timeout, capacity, classes, warmUpMs } = config;
  const rate = 'rate' in policy ? policy.rate : ALL_BUT_ONE;
  const minimum = 'rate' in policy ? policy.minimum : policy.failures;
  const windowMs = policy.kind === 'time' ? policy.ms : DEFAULT_WINDOW_MS;
  return {
    resetTimeout: recoveryMs,
    errorThresholdPercentage: rate * 100 - ABOVE,
    volumeThreshold: minimum,
    rollingCountTimeout: warmUpMs ?? windowMs,
    rollingCountBuckets: 10,
    enableSnapshots: false,
    timeout: timeout?.ms ?? false,
    ...(capacity !== undefined && { capacity }),
    ...(warmUpMs !== undefined && { allowWarmUp: true }),
    ...(config.initially === 'open' && { state: { closed: false } }),
    errorFilter: (error: unknown) => {
      if (classes !== undefined) return error instanceof classes.ignore || !(error instanceof classes.record);
      if (error instanceof ProviderError) return error.kind !== 'failure';
      const { code } = error as { readonly code?: string };
      return code === 'ESEMLOCKED' || (code === 'ETIMEDOUT' && timeout?.counts === false);
    },
  };
}

class OpossumBreaker implements Breaker {
  readonly #options: object;
  readonly #listeners: ((event: BreakerEvent) => void)[] = [];
  readonly #config: BreakerConfig;
  #circuit: Circuit;

  constructor(config: BreakerConfig) {
    this.#config = config;
    this.#options = optionsOf(config);
    this.#circuit = this.#make({});
  }

  async begin(): Promise<Call> {
    const call = new PendingCall(turn);
    call.follow(this.#circuit.fire(call.invoke));
    await turn();
    return call;
  }

  async throws(error: Error): Promise<Call> {
    const call = new PendingCall(turn).follow(this.#circuit.fire(() => Promise.reject(error)));
    await turn();
    return call;
  }

  advance = advancePeers;

  state(): State {
    if (this.#circuit.opened) return 'open';
    return this.#circuit.halfOpen ? 'half_open' : 'closed';
  }

  async force(to: Parameters<Breaker['force']>[0]): Promise<() => Promise<void>> {
    if (to === 'open') this.#circuit.open();
    if (to === 'closed') this.#circuit.disable();
    if (to === 'reset') this.#circuit.close();
    // There is no method that makes it half-open.
    return async () => this.#circuit.close();
  }

  failures(): number {
    return this.#circuit.stats.failures;
  }

  rejections(): number {
    return this.#circuit.stats.rejects;
  }

  remainingMs(): number {
    throw new NotExpressible('A refusal does not say for how long.');
  }

  isOwn(error: unknown): boolean {
    return CircuitBreaker.isOurError(error);
  }

  why(): string | null {
    throw new NotExpressible('It does not keep what failed; the application would, from its `failure` event.');
  }

  export(): unknown {
    return this.#circuit.toJSON();
  }

  async import(memo: unknown): Promise<void> {
    const { state, status } = memo as { readonly state: object; readonly status: object };
    this.#circuit.shutdown();
    this.#circuit = this.#make({ state, status: CircuitBreaker.newStatus({ ...this.#options, stats: status }) });
  }

  on(listener: (event: BreakerEvent) => void): void {
    this.#listeners.push(listener);
    this.#listen(this.#circuit, listener);
  }

  async shutdown(): Promise<void> {
    this.#circuit.shutdown();
    await turn();
  }

  #make(restored: object): Circuit {
    const circuit = new CircuitBreaker((call) => call(), { ...this.#options, ...restored });
    if (this.#config.fallback !== undefined) circuit.fallback(this.#config.fallback);
    for (const listener of this.#listeners) this.#listen(circuit, listener);
    return circuit;
  }

  #listen(circuit: Circuit, listener: (event: BreakerEvent) => void): void {
    circuit.on('open', () => listener({ type: 'changed', to: 'open' }));
    circuit.on('halfOpen', () => listener({ type: 'changed', to: 'half_open' }));
    circuit.on('close', () => listener({ type: 'changed', to: 'closed' }));
  }
}

export const opossum: Implementation = {
  name: 'opossum',
  createBreaker(config) {
    refuseUnknown(config);
    return new OpossumBreaker(config);
  },
  createQueue() {
    throw new NotExpressible(NO_QUEUE);
  },
};
