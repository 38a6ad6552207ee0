import { createActor, emit, type InspectionEvent, type Subscription } from 'xstate';
import { modelMachine } from '../machines/model/model.machine.ts';
import {
  cancellation,
  createRequest,
  type RequestDesk,
  type RouterRef,
  requestDesk,
  type TakesRequests,
  type Ticket,
} from '../machines/request.ts';
import { conclusion, type ModelRef, routerMachine, settlement } from '../machines/router.machine.ts';
import type { RouterEmitted, Settlement } from '../machines/settlement.ts';
import { createSlotLogic } from '../machines/slot.logic.ts';
import { createTimersLogic } from '../machines/timers.logic.ts';
import type { Answer, StreamChunk } from './answer.ts';
import type { Message } from './backends/backend.ts';
import { createBackend } from './backends/registry.ts';
import type { BreakerOptions } from './breaker/options.ts';
import { createCallPort, type ModelBackend } from './call.ts';
import { type Clock, createProcessHold, systemClock } from './clock.ts';
import {
  ConfigurationError,
  LLMRouterError,
  RouterStoppedError,
  StreamInterruptedError,
  UnknownModelError,
} from './errors.ts';
import { type BackendHealth, checkHealth } from './health.ts';
import { type Caller, Ledger } from './ledger.ts';
import { type BreakerSettings, breakerOptions, type ModelOptions, resolveModelOptions } from './model-options.ts';
import { nearest } from './nearest.ts';
import type { PriorityClass } from './queue/priority.ts';
import { hashSeed } from './random.ts';
import { acceptRequest, type ChatRequest, checkName, type GenerateOptions } from './request.ts';
import { type RouterOptions, resolveRouterOptions } from './router-options.ts';
import type { RoutingRule, RuleMatch } from './routing/rule.ts';
import { traceOf } from './routing/trace.ts';
import { type RouteOptions, resolveRule } from './routing-options.ts';
import { type ModelStatus, statusOf } from './status.ts';
import { createChannel } from './stream.ts';
import { EventBus, type RouterEventName, type RouterEvents } from './telemetry/events.ts';
import { type RouterStats, Stats } from './telemetry/stats.ts';

/** What `createRequest` takes: the prompt or the conversation, and how it is to be treated. */
export type RequestInput = GenerateOptions & ({ readonly prompt: string } | { readonly messages: readonly Message[] });

/**
 * Routes requests over models: by priority and rule, with fallbacks, a queue and a circuit breaker for each model.
 *
 * @example
 * const router = new LLMRouter();
 * router.addModel('local', { provider: 'ollama', model: 'llama3:8b' });
 * const { content } = await router.generate('What is the capital of France?');
 */
export class LLMRouter implements AsyncDisposable {
  /** The root actor: to subscribe to, to inspect through its `system`, and to send what `createRequest` made. */
  readonly actor: RouterRef;
  /** @internal */
  readonly [requestDesk]: RequestDesk<RequestInput>;

  /** Where the router's own methods hand in requests, together with who waits for the answer. */
  readonly #counter: TakesRequests<Submission>;
  readonly #clock: Clock;
  readonly #settings: ReturnType<typeof resolveRouterOptions>;
  readonly #ledger: Ledger;
  readonly #backends = new Map<
    string,
    ModelBackend & { readonly model: string | null; readonly hasOwnBreaker: boolean }
  >();
  readonly #stats = new Stats();
  readonly #events: EventBus;
  readonly #queueWatches = new Map<string, Subscription>();
  readonly #removals = new Map<string, { readonly promise: Promise<void>; readonly done: () => void }>();
  readonly #hold = createProcessHold();
  #breaker: BreakerOptions | null;
  #seq = 0;
  #stopped: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;

  /** @throws {ConfigurationError} naming the option, what was given and what is accepted */
  constructor(options: RouterOptions = {}) {
    this.#settings = resolveRouterOptions(options);
    this.#clock = options.clock ?? systemClock;
    this.#breaker = breakerOptions(options.breaker ?? {}, 'new LLMRouter().breaker');
    this.#events = new EventBus((name) => {
      if (name === 'queue.changed') this.#watchQueues();
    });
    this.#ledger = new Ledger(
      (model) => this.#backends.get(model)?.provider ?? 'custom',
      (id) => this.#cancel(id, this.#ledger.get(id)?.request.signal?.reason),
    );
    this.actor = this.#createActor(options.inspect);
    const desk = this.#createDesk();
    this.#counter = { [requestDesk]: desk };
    this[requestDesk] = { ...desk, read: (input) => this.#read(submissionOf(input)) };
    this.actor.start();
  }

  /**
   * Adds a model; later requests can go to it.
   * @param name unique among models and rules: a letter or digit, then up to 99 of letters, digits, `_ . : / -`
   * @throws {ConfigurationError} when the name is taken or an option is wrong; nothing is added then
   */
  addModel(name: string, options: ModelOptions): this {
    this.#assertRunning();
    const where = `addModel('${name}')`;
    checkName('name', name);
    this.#assertFree(name);
    const resolved = resolveModelOptions(options, where);
    const backend = resolved.backend ?? createBackend(resolved.provider, { ...resolved.providerOptions, name });
    const { model } = resolved.providerOptions;
    this.#backends.set(name, {
      backend,
      provider: resolved.provider,
      options: resolved.options,
      model: typeof model === 'string' ? model : null,
      hasOwnBreaker: resolved.breaker !== undefined,
    });
    this.actor.send({
      type: 'model.add',
      input: {
        name,
        limits: resolved.limits,
        breaker: resolved.breaker === undefined ? this.#breaker : resolved.breaker,
        seed: hashSeed(this.#settings.seed, name),
      },
    });
    this.#listen(name);
    return this;
  }

  /**
   * Removes a model: it takes no newcomer, what it has may finish within the grace, then what waits moves on and what
   * runs is aborted and moves on too. The name is free again when the promise resolves.
   * @throws {ConfigurationError} when there is no such model, or a rule would have no target left
   */
  removeModel(name: string, options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#assertRunning();
    const pending = this.#removals.get(name);
    if (pending !== undefined) return pending.promise;
    const { models, rules } = this.actor.getSnapshot().context;
    if (models[name] === undefined) {
      throw new ConfigurationError('name', `removeModel('${name}'): no such model; accepted: ${listed(models)}`);
    }
    const stranded = rules.find(({ targets }) => targets.every((target) => target === name || !(target in models)));
    if (stranded !== undefined) {
      throw new ConfigurationError(
        'name',
        `removeModel('${name}'): rule '${stranded.name}' would have no target left; change or remove the rule first`,
      );
    }
    let done!: () => void;
    const promise = new Promise<void>((resolve) => {
      done = resolve;
    });
    this.#removals.set(name, { promise, done });
    this.actor.send({ type: 'model.remove', model: name, graceMs: options.graceMs ?? 10_000, at: this.#clock.now() });
    return promise;
  }

  /**
   * Adds a rule: requests it matches go to `targets`, then to `fallback`. Rules are tried in order of declaration; one
   * with an existing name, or with the same bare priority, replaces that one in place.
   * @throws {ConfigurationError}
   */
  addRoute(match: PriorityClass | RuleMatch, options: RouteOptions): this {
    this.#assertRunning();
    const { models } = this.actor.getSnapshot().context;
    this.actor.send({ type: 'rule.put', rule: resolveRule(match, options, Object.keys(models)) });
    return this;
  }

  /** @throws {ConfigurationError} when there is no such rule */
  removeRoute(name: string): this {
    const { rules } = this.actor.getSnapshot().context;
    if (!rules.some((rule) => rule.name === name)) {
      const known = rules.map((rule) => rule.name).join(', ') || 'there is none';
      throw new ConfigurationError('name', `removeRoute('${name}'): no such rule; accepted: ${known}`);
    }
    this.actor.send({ type: 'rule.remove', name });
    return this;
  }

  /**
   * Replaces the breaker's options of every present and future model that has none of its own, and resets them.
   * Breakers are on without it, with the defaults of `BreakerOptions`.
   * @throws {ConfigurationError}
   */
  enableCircuitBreaker(settings: BreakerSettings = {}): this {
    this.#assertRunning();
    this.#breaker = breakerOptions(settings, 'enableCircuitBreaker()');
    const models = Object.keys(this.actor.getSnapshot().context.models).filter(
      (name) => this.#backends.get(name)?.hasOwnBreaker === false,
    );
    this.actor.send({ type: 'breaker.configure', models, breaker: this.#breaker, at: this.#clock.now() });
    return this;
  }

  /**
   * Answers one request.
   * @throws {LLMRouterError} a subclass with a stable `code`; `signal.reason` itself when the caller aborted
   */
  generate(input: string | ChatRequest, options: GenerateOptions = {}): Promise<Answer> {
    return new Promise((served, failed) => this.#submit(input, options, { sink: null, served, failed }));
  }

  /**
   * Streams one answer; the request is sent at once, not at the first read. Until the first content, a model that fails
   * is left for the next; after it, the stream throws `StreamInterruptedError`. Leaving the loop calls the request off.
   */
  stream(input: string | ChatRequest, options: GenerateOptions = {}): AsyncIterableIterator<StreamChunk> {
    let id: string | null = null;
    const channel = createChannel(() => {
      if (id !== null) this.#cancel(id, new DOMException('the reader of the stream has left', 'AbortError'));
    });
    try {
      id = this.#submit(input, options, {
        sink: channel,
        served: (answer) => channel.end({ type: 'done', answer }),
        failed: (error) => channel.fail(error),
      });
    } catch (error) {
      channel.fail(error);
    }
    return channel;
  }

  getStats(): RouterStats {
    return this.#stats.snapshot();
  }

  getModelStatus(): Readonly<Record<string, ModelStatus>> {
    const { models, leaving } = this.actor.getSnapshot().context;
    const wallTimeOf = (time: number): number => this.#clock.wallNow() + time - this.#clock.now();
    return Object.fromEntries(
      Object.entries({ ...models, ...leaving }).map(([name, ref]) => {
        const { provider, model } = this.#backends.get(name)!;
        return [name, statusOf(ref.getSnapshot(), { provider, model }, this.#stats.of(name), wallTimeOf)];
      }),
    );
  }

  /** Asks every backend that can tell whether it is well, all at once, 2 s each; moves no breaker. */
  health(): Promise<Readonly<Record<string, BackendHealth>>> {
    return checkHealth(new Map([...this.#backends].map(([name, { backend }]) => [name, backend])), this.#clock);
  }

  on<Name extends RouterEventName>(event: Name, listener: RouterEvents[Name]): this {
    this.#events.on(event, listener);
    return this;
  }

  once<Name extends RouterEventName>(event: Name, listener: RouterEvents[Name]): this {
    this.#events.once(event, listener);
    return this;
  }

  off<Name extends RouterEventName>(event: Name, listener: RouterEvents[Name]): this {
    this.#events.off(event, listener);
    return this;
  }

  /** Whether `stop` has been called. */
  get isStopped(): boolean {
    return this.#stopped !== null;
  }

  /** A router runs from its making; this is for those who want to say so. @throws {RouterStoppedError} */
  start(): this {
    this.#assertRunning();
    return this;
  }

  /**
   * Stops for good: new and waiting requests reject at once, running ones may finish within the grace (default 10,000
   * ms) and are aborted then. Called again, it returns the same promise.
   */
  stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopped ??= this.#stop(options.graceMs ?? 10_000);
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #createActor(inspect: ((event: InspectionEvent) => void) | undefined): RouterRef {
    const clock = this.#clock;
    const calls = createCallPort({
      ledger: this.#ledger,
      backends: this.#backends,
      clock,
      readerTimeoutMs: this.#settings.readerTimeoutMs,
      onIdleReader: (id) => this.#onIdleReader(id),
    });
    const settle = (facts: Settlement): RouterEmitted =>
      this.#ledger.settle(facts) ?? {
        type: 'event.dropped',
        event: `settlement.${facts.verdict}`,
        requestId: facts.key.id,
      };
    const machine = routerMachine.provide({
      actors: {
        model: modelMachine.provide({ actors: { slot: createSlotLogic(calls, clock) } }),
        timers: createTimersLogic(clock),
      },
      actions: {
        settle: emit((args) => settle(settlement(args as never))),
        conclude: emit((args) => settle(conclusion(args as never))),
        noteWhereabouts: ({ event }) => {
          if (event.type === 'model.cancelled') this.#ledger.note(event.slip);
        },
      },
    });
    const actor = createActor(machine, {
      clock: {
        setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
        clearTimeout: (id) => clock.clearTimeout(id),
      },
      ...(inspect !== undefined && { inspect: this.#guarded(inspect) }),
    });
    actor.on('request.settled', (event) => this.#onSettled(event as ReturnType<Ledger['settle']> & object));
    actor.on('attempt.failed', (event) => this.#events.emit('attempt.failed', event));
    actor.on('event.dropped', (event) => this.#events.emit('event.dropped', event));
    actor.on('model.removed', ({ model }) => this.#onRemoved(model));
    actor.subscribe({ error: (error) => this.#onBroken(error) });
    return actor as RouterRef;
  }

  #createDesk(): RequestDesk<Submission> {
    return {
      actor: this.actor,
      now: () => this.#clock.now(),
      number: () => ({ seq: ++this.#seq, id: `${this.#settings.id}-${this.#seq}` }),
      read: (submission) => this.#read(submission),
      unknownModel: (name, known) => {
        const near = nearest(name, known);
        return new UnknownModelError(
          `model: given '${name}', which is no model and no rule${near === undefined ? '' : `; did you mean '${near}'?`} Known: ${known.join(', ') || 'none'}`,
        );
      },
    };
  }

  #read({ input, options, caller }: Submission): Ticket {
    this.#assertRunning();
    const request = acceptRequest(input, options);
    request.signal?.throwIfAborted();
    const { priority, model, fallback, timeoutMs = this.#settings.timeoutMs, totalTimeoutMs } = request;
    return {
      priority,
      model,
      fallback,
      timeoutMs,
      streams: caller.sink && { totalTimeoutMs: totalTimeoutMs ?? null },
      keep: (slip) => {
        this.#hold.take();
        this.#ledger.enter(slip, request, caller);
      },
    };
  }

  #submit(input: string | ChatRequest, options: GenerateOptions, caller: Caller): string {
    const { id, request } = createRequest(this.#counter, { input, options, caller });
    this.actor.send(request);
    return id;
  }

  #cancel(id: string, reason: unknown): void {
    const entry = this.#ledger.get(id);
    if (entry === undefined) return;
    entry.cancelReason = reason;
    this.actor.send(cancellation(entry.slip, 'aborted', this.#clock.now()));
  }

  #onIdleReader(id: string): void {
    const entry = this.#ledger.get(id);
    if (entry === undefined) return;
    const message = `the reader took nothing for ${this.#settings.readerTimeoutMs} ms`;
    this.#cancel(id, new StreamInterruptedError(message, { requestId: id, partialText: entry.partialText }));
  }

  #onSettled(event: NonNullable<ReturnType<Ledger['settle']>>): void {
    this.#stats.record(event);
    if (this.#ledger.size === 0) this.#hold.release();
    try {
      event.deliver();
    } catch (error) {
      this.#settings.logger.error({ requestId: event.id, error }, 'a settled request could not be delivered');
    }
    if (this.#events.count('request.settled') > 0) this.#announce(event);
    if (this.#ledger.size === 0) this.#onIdle?.();
  }

  #announce({ id, settlement: facts, output, error }: NonNullable<ReturnType<Ledger['settle']>>): void {
    const trace = traceOf(facts.slip!, facts.at);
    const code = facts.verdict === 'aborted' ? 'cancelled' : error instanceof LLMRouterError ? error.code : undefined;
    const tenant = (output as Answer | undefined)?.tenant;
    this.#events.emit('request.settled', {
      type: 'request.settled',
      requestId: id,
      success: facts.verdict === 'served',
      latencyMs: trace.totalMs,
      trace,
      ...(code !== undefined && { code }),
      ...(facts.model !== undefined && { model: facts.model }),
      ...(tenant !== undefined && { tenant }),
    });
  }

  #listen(name: string): void {
    const ref = this.actor.getSnapshot().context.models[name]!;
    ref.on('breaker.changed', (event) => this.#events.emit('breaker.changed', event));
    ref.on('result.stale', (event) => this.#events.emit('result.stale', event));
    ref.on('request.displaced', (event) => this.#events.emit('request.displaced', event));
    this.#watchQueues();
  }

  /** Queues are watched only while somebody listens: each change of a model would cost a comparison otherwise. */
  #watchQueues(): void {
    const isWanted = this.#events.count('queue.changed') > 0;
    if (!isWanted) {
      for (const watch of this.#queueWatches.values()) watch.unsubscribe();
      this.#queueWatches.clear();
      return;
    }
    for (const [name, ref] of Object.entries(this.actor.getSnapshot().context.models)) {
      if (!this.#queueWatches.has(name)) this.#queueWatches.set(name, this.#watchQueue(name, ref));
    }
  }

  #watchQueue(name: string, ref: ModelRef): Subscription {
    let last = '';
    return ref.subscribe(({ context, value }) => {
      const { waitingCount: waiting, running, lingering } = context.load;
      const now = `${value.queue} ${waiting} ${running} ${lingering}`;
      if (now === last) return;
      last = now;
      this.#events.emit('queue.changed', {
        type: 'queue.changed',
        model: name,
        state: value.queue,
        waiting,
        running,
        lingering,
      });
    });
  }

  #onRemoved(name: string): void {
    const target = this.#backends.get(name);
    this.#backends.delete(name);
    this.#stats.forget(name);
    this.#queueWatches.delete(name);
    const removal = this.#removals.get(name);
    this.#removals.delete(name);
    void this.#close(name, target).then(() => removal?.done());
  }

  async #close(name: string, target: ModelBackend | undefined): Promise<void> {
    try {
      await target?.backend.close?.();
    } catch (error) {
      this.#settings.logger.warn({ model: name, error }, 'a backend could not be closed');
    }
  }

  async #stop(graceMs: number): Promise<void> {
    const clock = this.#clock;
    this.actor.send({ type: 'stop', at: clock.now() });
    if (this.#ledger.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = clock.setTimeout(resolve, graceMs);
        this.#onIdle = () => {
          clock.clearTimeout(timer);
          resolve();
        };
      });
      this.actor.send({ type: 'abort', at: clock.now() });
    }
    this.#failAll((requestId) => new RouterStoppedError('the router was stopped', { requestId }));
    this.actor.stop();
    await Promise.all([...this.#backends].map(([name, target]) => this.#close(name, target)));
    for (const { done } of this.#removals.values()) done();
    this.#hold.end();
  }

  /** The root has died of an error of its own: nobody may wait for it for ever. */
  #onBroken(error: unknown): void {
    this.#settings.logger.error({ error }, 'the router has failed');
    this.#stopped ??= Promise.resolve();
    this.#failAll((requestId) => new RouterStoppedError('the router has failed', { requestId, cause: error }));
    this.#hold.end();
  }

  #failAll(errorOf: (id: string) => LLMRouterError): void {
    for (const id of this.#ledger.ids()) {
      const { caller, slip } = this.#ledger.get(id)!;
      this.#ledger.settle({ key: slip, slip, at: this.#clock.now(), verdict: 'stopped' });
      caller.failed(errorOf(id));
    }
  }

  #guarded(inspect: (event: InspectionEvent) => void): (event: InspectionEvent) => void {
    return (event) => {
      try {
        inspect(event);
      } catch (error) {
        this.#settings.logger.error({ error }, 'an inspector threw');
      }
    };
  }

  #assertRunning(): void {
    if (this.#stopped !== null) throw new RouterStoppedError('the router was stopped; make a new one');
  }

  #assertFree(name: string): void {
    const { models, leaving, rules } = this.actor.getSnapshot().context;
    const holder =
      name in models
        ? 'a model'
        : name in leaving
          ? 'a model that is being removed'
          : rules.some((rule: RoutingRule) => rule.name === name)
            ? 'a rule'
            : null;
    if (holder === null) return;
    throw new ConfigurationError('name', `addModel('${name}'): given a name that ${holder} has; accepted: a free name`);
  }
}

interface Submission {
  readonly input: string | ChatRequest;
  readonly options: GenerateOptions;
  readonly caller: Caller;
}

function submissionOf(request: RequestInput): Submission {
  if ('messages' in request) {
    const { messages, ...options } = request;
    return { input: { messages }, options, caller: NOBODY };
  }
  const { prompt, ...options } = request;
  return { input: prompt, options, caller: NOBODY };
}

/** A request made with `createRequest` for its own actor: the settlement is emitted and sent to `replyTo`. */
const NOBODY: Caller = { sink: null, served: () => {}, failed: () => {} };

const listed = (record: object): string => Object.keys(record).join(', ') || 'there is none';
