import type { OperatorCommand } from '../machines/events.ts';
import { memoOf } from '../machines/model/memo.ts';
import {
  cancellation,
  createRequest,
  type RequestDesk,
  type RouterRef,
  requestDesk,
  slipOf,
  type TakesRequests,
} from '../machines/request.ts';
import { explainNow } from '../machines/router/explain.ts';
import type { Answer, StreamChunk } from './answer.ts';
import type { BreakerOptions } from './breaker/options.ts';
import { createCallPort } from './call.ts';
import { type Clock, systemClock } from './clock.ts';
import { createDesk } from './desk.ts';
import { StreamInterruptedError } from './errors.ts';
import { Fleet } from './fleet.ts';
import { type BackendHealth, checkHealth } from './health.ts';
import { Ledger, type Settled } from './ledger.ts';
import { Lifecycle } from './lifecycle.ts';
import { type BreakerSettings, breakerOptions, type ModelOptions, resolveModelOptions } from './model-options.ts';
import { checkFree, checkGrace, checkKnown, checkName, checkRemovable, checkRule } from './names.ts';
import type { PriorityClass } from './queue/priority.ts';
import { hashSeed } from './random.ts';
import type { ChatRequest, GenerateOptions } from './request.ts';
import { type RouterOptions, resolveRouterOptions } from './router-options.ts';
import type { Explanation } from './routing/explain.ts';
import type { RuleMatch } from './routing/match.ts';
import { type RouteOptions, resolveRule } from './routing-options.ts';
import { type Restoration, type RouterSnapshot, readSnapshot, restorations } from './snapshot.ts';
import { type ModelStatus, statusOf } from './status.ts';
import { createChannel } from './stream.ts';
import { NOBODY, type RequestInput, type Submission, submissionOf } from './submission.ts';
import { EventBus, type RouterEventName, type RouterEvents, settledEventOf } from './telemetry/events.ts';
import { QueueWatch } from './telemetry/queue-watch.ts';
import { relayModel, relayRouter } from './telemetry/relay.ts';
import { type RouterStats, Stats } from './telemetry/stats.ts';
import { wireRouter } from './wiring.ts';

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
  /** Where `createRequest` takes requests in. */
  readonly [requestDesk]: RequestDesk<RequestInput>;

  /** Where the router's own methods hand in requests, together with who waits for the answer. */
  readonly #counter: TakesRequests<Submission>;
  readonly #clock: Clock;
  readonly #settings: ReturnType<typeof resolveRouterOptions>;
  readonly #ledger: Ledger;
  readonly #fleet: Fleet;
  readonly #lifecycle: Lifecycle;
  readonly #stats = new Stats();
  readonly #events: EventBus;
  readonly #queueWatch: QueueWatch;
  #breaker: BreakerOptions | null;

  /** @throws {ConfigurationError} naming the option, what was given and what is accepted */
  constructor(options: RouterOptions = {}) {
    this.#settings = resolveRouterOptions(options);
    this.#clock = options.clock ?? systemClock;
    this.#breaker = breakerOptions(options.breaker ?? {}, 'new LLMRouter().breaker');
    this.#events = new EventBus((name) => {
      if (name === 'queue.changed') this.#watchQueues();
    });
    this.#queueWatch = new QueueWatch((event) => this.#events.emit('queue.changed', event));
    this.#fleet = new Fleet(this.#settings.logger);
    this.#ledger = new Ledger(
      (model) => this.#fleet.models.get(model)?.provider ?? 'custom',
      (id) => this.#sendCancel(id),
    );
    this.actor = this.#wire(options);
    this.#lifecycle = new Lifecycle({
      actor: this.actor,
      clock: this.#clock,
      ledger: this.#ledger,
      logger: this.#settings.logger,
      close: () => this.#fleet.closeAll(),
      onSettled: (event) => this.#onSettled(event),
    });
    const desk = this.#createDesk();
    this.#counter = { [requestDesk]: desk };
    this[requestDesk] = { ...desk, read: (input) => desk.read(submissionOf(input)) };
    // A spawned actor too, and now: what is added or asked before its parent starts would else wait in its mailbox.
    this.actor.start();
    const { maxParked, seed } = this.#settings;
    this.actor.send({ type: 'router.configure', maxParked, seed: hashSeed(seed, 'strategies') });
  }

  /**
   * Adds a model; later requests can go to it.
   * @param name unique among models and rules: a letter or digit, then up to 99 of letters, digits, `_ . : / -`
   * @throws {ConfigurationError} when the name is taken or an option is wrong; nothing is added then
   */
  addModel(name: string, options: ModelOptions): this {
    this.#lifecycle.assertRunning();
    const where = `addModel('${name}')`;
    checkName(name, where);
    checkFree(name, this.#context, this.#fleet);
    const resolved = resolveModelOptions(options, where);
    this.#fleet.add(name, resolved);
    this.actor.send({
      type: 'model.add',
      input: {
        name,
        limits: { ...resolved.limits, since: this.#clock.now() },
        profile: resolved.profile,
        breaker: resolved.breaker === undefined ? this.#breaker : resolved.breaker,
        seed: hashSeed(this.#settings.seed, name),
      },
    });
    this.#stats.begin(name, this.#clock.now());
    return this;
  }

  /**
   * Removes a model: it takes no newcomer, what it has may finish within the grace, then what waits moves on and what
   * runs is aborted and moves on too. The name is free again when the promise resolves.
   * Rejects with a `ConfigurationError` when there is no such model, or a rule would have no target left.
   */
  async removeModel(name: string, options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#lifecycle.assertRunning();
    if (this.#fleet.isLeaving(name)) return this.#fleet.leave(name);
    const graceMs = checkGrace(options.graceMs, `removeModel('${name}')`);
    checkRemovable(name, this.#fleet.names, this.#context);
    const left = this.#fleet.leave(name);
    this.actor.send({ type: 'model.remove', model: name, graceMs, at: this.#clock.now() });
    return left;
  }

  /**
   * Adds a rule: requests it matches go to `targets`, then to `fallback`. Rules are tried in order of declaration; one
   * with an existing name, or with the same bare priority, replaces that one in place.
   * @throws {ConfigurationError}
   */
  addRoute(match: PriorityClass | RuleMatch, options: RouteOptions): this {
    this.#lifecycle.assertRunning();
    const rule = resolveRule(match, options, this.#fleet.names);
    this.actor.send({ type: 'rule.put', rule });
    return this;
  }

  /** @throws {ConfigurationError} when there is no such rule */
  removeRoute(name: string): this {
    this.#lifecycle.assertRunning();
    checkRule(name, this.#context);
    this.actor.send({ type: 'rule.remove', name });
    return this;
  }

  /**
   * Replaces the breaker's options of every present and future model that has none of its own, and resets them.
   * Breakers are on without it, with the defaults of `BreakerOptions`.
   * @throws {ConfigurationError}
   */
  enableCircuitBreaker(settings: BreakerSettings = {}): this {
    this.#lifecycle.assertRunning();
    this.#breaker = breakerOptions(settings, 'enableCircuitBreaker()');
    const models = this.#fleet.names.filter((name) => !this.#fleet.models.get(name)!.hasOwnBreaker);
    this.actor.send({ type: 'breaker.configure', models, breaker: this.#breaker, at: this.#clock.now() });
    return this;
  }

  /**
   * Sends a model nothing more until `resume`: what waits stays, newcomers go to other models, what runs is finished.
   * @throws {ConfigurationError} when there is no such model
   */
  pause(model: string): this {
    return this.#command('pause', model, 'pause()');
  }

  /** Ends a `pause` or a `drain`. @throws {ConfigurationError} */
  resume(model: string): this {
    return this.#command('resume', model, 'resume()');
  }

  /** Empties a model: newcomers go to other models, what waits and runs is finished. @throws {ConfigurationError} */
  drain(model: string): this {
    return this.#command('drain', model, 'drain()');
  }

  /** Takes a model out as if its breaker were open, until it is forced closed or reset. @throws {ConfigurationError} */
  forceOpen(model: string): this {
    return this.#command('breaker.force_open', model, 'forceOpen()');
  }

  /** Lets everything through to a model, whatever comes of it, until it is forced open or reset. @throws {ConfigurationError} */
  forceClosed(model: string): this {
    return this.#command('breaker.force_closed', model, 'forceClosed()');
  }

  /** Closes a model's breaker as if it had never seen a failure. @throws {ConfigurationError} */
  reset(model: string): this {
    return this.#command('breaker.reset', model, 'reset()');
  }

  /**
   * What would become of a request now, and why: the rule, its candidates in order, what each would do with it. Asks
   * the functions that serve, sends nothing and moves no turn or seed: the next such request does what it says.
   * @throws what `generate` would reject with for a request that is wrong or names an unknown model
   */
  explain(input: string | ChatRequest, options: GenerateOptions = {}): Explanation {
    const desk = this.#counter[requestDesk];
    const ticket = desk.read({ input, options, caller: NOBODY });
    return explainNow(this.#context, slipOf(desk, ticket, { id: 'explained', seq: Number.MAX_SAFE_INTEGER }));
  }

  /**
   * What its breakers and rate limits have learnt, to be kept over a restart: plain JSON, in wall-clock times. Requests
   * are not in it.
   */
  snapshot(): RouterSnapshot {
    const wallNow = this.#clock.wallNow();
    const shift = wallNow - this.#clock.now();
    const models = Object.entries(this.#context.models).map(([name, ref]) => [name, memoOf(ref.getSnapshot(), shift)]);
    // Charts share what never changes; a memo is its owner's to change.
    return structuredClone({ version: 1, takenAt: wallNow, models: Object.fromEntries(models) });
  }

  /**
   * Gives the models that are there what a snapshot says of those of the same name: an open breaker turns half-open at
   * the same instant of wall time as it would have. Call it after `addModel`, before the first request.
   * @throws {SnapshotError} when it is no snapshot, or one of a newer release; nothing is changed then
   */
  restore(snapshot: RouterSnapshot): Restoration {
    this.#lifecycle.assertRunning();
    const { models } = this.#context;
    const { memos, ignored } = restorations(
      readSnapshot(snapshot),
      (name) => (Object.hasOwn(models, name) ? models[name]!.getSnapshot().context.breaker.options : undefined),
      this.#clock,
    );
    this.actor.send({ type: 'models.restore', memos, at: this.#clock.now() });
    return { restored: Object.keys(memos), ignored };
  }

  /**
   * Answers one request.
   * @throws {LLMRouterError} a subclass with a stable `code`; `signal.reason` itself when the caller aborted
   */
  generate(input: string | ChatRequest, options: GenerateOptions = {}): Promise<Answer> {
    return new Promise((served, failed) => this.#submit({ input, options, caller: { sink: null, served, failed } }));
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
      id = this.#submit({
        input,
        options,
        caller: {
          sink: channel,
          served: (answer) => channel.end({ type: 'done', answer }),
          failed: (error) => channel.fail(error),
        },
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
    const { models, leaving } = this.#context;
    return Object.fromEntries(
      Object.entries({ ...models, ...leaving }).map(([name, ref]) => {
        const { about } = this.#fleet.models.get(name)!;
        return [name, statusOf(ref.getSnapshot(), about, this.#stats.of(name), this.#clock)];
      }),
    );
  }

  /** Asks every backend that can tell whether it is well, all at once, 2 s each; moves no breaker. */
  health(): Promise<Readonly<Record<string, BackendHealth>>> {
    const backends = new Map([...this.#fleet.models].map(([name, { backend }]) => [name, backend]));
    return checkHealth(backends, this.#clock);
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
    return this.#lifecycle.isStopped;
  }

  /** A router runs from its making; this is for those who want to say so. @throws {RouterStoppedError} */
  start(): this {
    this.#lifecycle.assertRunning();
    return this;
  }

  /**
   * Stops for good: new and waiting requests reject at once, running ones may finish within the grace (default 10,000
   * ms) and are aborted then. Called again, it returns the same promise.
   */
  stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    if (this.isStopped) return this.#lifecycle.stop(0);
    try {
      return this.#lifecycle.stop(checkGrace(options.graceMs, 'stop()'));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  get #context() {
    return this.actor.getSnapshot().context;
  }

  #wire({ inspect, spawn }: RouterOptions): RouterRef {
    const clock = this.#clock;
    const { readerTimeoutMs, logger } = this.#settings;
    const calls = createCallPort({
      ledger: this.#ledger,
      backends: this.#fleet.models,
      clock,
      readerTimeoutMs,
      onIdleReader: (id) => this.#onIdleReader(id),
    });
    const actor = wireRouter({
      clock,
      ledger: this.#ledger,
      calls,
      spawn,
      inspect,
      onInspectError: (error) => logger.error({ error }, 'an inspector threw'),
    });
    actor.on('request.settled', (event) => this.#onSettled(event as Settled));
    actor.on('model.added', ({ model }) => this.#listen(model));
    actor.on('model.removed', ({ model }) => this.#onRemoved(model));
    relayRouter(actor, this.#events);
    return actor;
  }

  #createDesk(): RequestDesk<Submission> {
    const { id, timeoutMs } = this.#settings;
    return createDesk({
      actor: this.actor,
      clock: this.#clock,
      id,
      timeoutMs,
      assertRunning: () => this.#lifecycle.assertRunning(),
      keep: (slip, request, { caller }) => {
        this.#lifecycle.accepted();
        this.#ledger.enter(slip, request, caller);
      },
    });
  }

  #command(command: OperatorCommand, model: string, where: string): this {
    this.#lifecycle.assertRunning();
    checkKnown(model, this.#fleet.names, where);
    this.actor.send({ type: 'model.command', model, command, at: this.#clock.now() });
    return this;
  }

  #submit(submission: Submission): string {
    const { id, request } = createRequest(this.#counter, submission);
    this.actor.send(request);
    return id;
  }

  #cancel(id: string, reason: unknown): void {
    if (this.#ledger.callOff(id, reason)) this.#sendCancel(id);
  }

  #sendCancel(id: string): void {
    const entry = this.#ledger.get(id);
    if (entry !== undefined) this.actor.send(cancellation(entry.slip, 'aborted', this.#clock.now()));
  }

  #onIdleReader(id: string): void {
    const entry = this.#ledger.get(id);
    if (entry === undefined) return;
    const message = `the reader took nothing for ${this.#settings.readerTimeoutMs} ms`;
    this.#cancel(id, new StreamInterruptedError(message, { requestId: id, partialText: entry.partialText }));
  }

  #onSettled(event: Settled): void {
    this.#stats.record(event);
    this.#lifecycle.settled();
    try {
      event.deliver();
    } catch (error) {
      this.#settings.logger.error({ requestId: event.id, error }, 'a settled request could not be delivered');
    }
    if (this.#events.count('request.settled') > 0) this.#events.emit('request.settled', settledEventOf(event));
    this.#lifecycle.delivered();
  }

  #listen(name: string): void {
    relayModel(this.#context.models[name]!, this.#events);
    this.#watchQueues();
  }

  #watchQueues(): void {
    this.#queueWatch.follow(this.#events.count('queue.changed') > 0 ? this.#context.models : {});
  }

  #onRemoved(name: string): void {
    this.#stats.forget(name);
    this.#watchQueues();
    void this.#fleet.left(name);
  }
}
