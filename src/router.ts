import type { OperatorCommand } from '../machines/events.ts';
import { memoOf } from '../machines/model/memo.ts';
import { type RequestDesk, type RouterRef, requestDesk, slipOf } from '../machines/request.ts';
import { explainNow } from '../machines/router/explain.ts';
import type { Answer, StreamChunk } from './answer.ts';
import { Assembly } from './assembly.ts';
import type { CacheOptions } from './cache/options.ts';
import type { CachePurge } from './cache/stats.ts';
import type { ChatRequest, GenerateOptions } from './generate-options.ts';
import { type BackendHealth, checkHealth } from './health.ts';
import { type Inspected, inspected } from './inspected.ts';
import { type BreakerSettings, breakerOptions, type ModelOptions, resolveModelOptions } from './model-options.ts';
import { checkFree, checkGrace, checkKnown, checkName, checkRemovable, checkRule } from './names.ts';
import type { PriorityClass } from './queue/priority.ts';
import { hashSeed } from './random.ts';
import type { RouterOptions } from './router-options.ts';
import type { Explanation } from './routing/explain.ts';
import type { RuleMatch } from './routing/match.ts';
import { type RouteOptions, resolveRule } from './routing-options.ts';
import { type Restoration, type RouterSnapshot, readSnapshot, restorations } from './snapshot.ts';
import { type ModelStatus, statusOf } from './status.ts';
import { createChannel } from './stream.ts';
import { NOBODY, type RequestInput, submissionOf } from './submission.ts';
import type { RouterEventName, RouterEvents } from './telemetry/events.ts';
import type { RouterStats } from './telemetry/stats.ts';

/**
 * Routes requests over models: by priority and rule, with fallbacks, a queue and a circuit breaker for each model.
 *
 * @example
 * const router = new LLMRouter();
 * router.addModel('local', { provider: 'ollama', model: 'llama3:8b' });
 * const { content } = await router.generate('What is the capital of France?');
 */
export class Router implements AsyncDisposable {
  /** The root actor: to subscribe to, to inspect through its `system`, and to send what `createRequest` made. */
  readonly actor: RouterRef;
  /** Where `createRequest` takes requests in. */
  readonly [requestDesk]: RequestDesk<RequestInput>;
  /** Where an inspector looks in. @internal */
  readonly [inspected]: Inspected;

  readonly #parts: Assembly;

  /** @throws {ConfigurationError} naming the option, what was given and what is accepted */
  constructor(options: RouterOptions = {}) {
    this.#parts = new Assembly(options);
    this.actor = this.#parts.actor;
    this[inspected] = this.#parts.inspected;
    const { desk } = this.#parts;
    this[requestDesk] = { ...desk, read: (input) => desk.read(submissionOf(input)) };
  }

  /**
   * Adds a model; later requests can go to it.
   * @param name unique among models and rules: a letter or digit, then up to 99 of letters, digits, `_ . : / -`
   * @throws {ConfigurationError} when the name is taken or an option is wrong; nothing is added then
   */
  addModel(name: string, options: ModelOptions): this {
    this.#parts.lifecycle.assertRunning();
    const where = `addModel('${name}')`;
    checkName(name, where);
    checkFree(name, this.#parts.context, this.#parts.fleet);
    const resolved = resolveModelOptions(options, where);
    const { streaming } = this.#parts.fleet.add(name, resolved);
    const { boosts, retries } = this.#parts.settings;
    const { baseMs, maxMs } = retries;
    this.actor.send({
      type: 'model.add',
      input: {
        name,
        limits: { ...resolved.limits, streaming, backoff: { baseMs, maxMs }, boosts, since: this.#parts.clock.now() },
        profile: resolved.profile,
        breaker: resolved.breaker === undefined ? this.#parts.breaker : resolved.breaker,
        seed: hashSeed(this.#parts.settings.seed, name),
      },
    });
    this.#parts.stats.begin(name, this.#parts.clock.now());
    return this;
  }

  /**
   * Removes a model: it takes no newcomer, what it has may finish within the grace, then what waits moves on and what
   * runs is aborted and moves on too. The name is free again when the promise resolves.
   * Rejects with a `ConfigurationError` when there is no such model, or a rule would have no target left.
   */
  async removeModel(name: string, options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#parts.lifecycle.assertRunning();
    if (this.#parts.fleet.isLeaving(name)) return this.#parts.fleet.leave(name);
    const graceMs = checkGrace(options.graceMs, `removeModel('${name}')`);
    checkRemovable(name, this.#parts.fleet.names, this.#parts.context);
    const left = this.#parts.fleet.leave(name);
    this.actor.send({ type: 'model.remove', model: name, graceMs, at: this.#parts.clock.now() });
    return left;
  }

  /**
   * Adds a rule: requests it matches go to `targets`, then to `fallback`. Rules are tried in order of declaration; one
   * with an existing name, or with the same bare priority, replaces that one in place.
   * @throws {ConfigurationError}
   */
  addRoute(match: PriorityClass | RuleMatch, options: RouteOptions): this {
    this.#parts.lifecycle.assertRunning();
    const rule = resolveRule(match, options, this.#parts.fleet.chatNames);
    this.actor.send({ type: 'rule.put', rule });
    return this;
  }

  /** @throws {ConfigurationError} when there is no such rule */
  removeRoute(name: string): this {
    this.#parts.lifecycle.assertRunning();
    checkRule(name, this.#parts.context);
    this.actor.send({ type: 'rule.remove', name });
    return this;
  }

  /**
   * Replaces the breaker's options of every present and future model that has none of its own, and resets them.
   * Breakers are on without it, with the defaults of `BreakerOptions`.
   * @throws {ConfigurationError}
   */
  enableCircuitBreaker(settings: BreakerSettings = {}): this {
    this.#parts.lifecycle.assertRunning();
    this.#parts.breaker = breakerOptions(settings, 'enableCircuitBreaker()');
    const models = this.#parts.fleet.names.filter((name) => !this.#parts.fleet.models.get(name)!.hasOwnBreaker);
    this.actor.send({ type: 'breaker.configure', models, breaker: this.#parts.breaker, at: this.#parts.clock.now() });
    return this;
  }

  /**
   * Answers what was asked before without a call: the same request word for word, and, while there is an embedder, one
   * that asks the same in other words. Only requests with a `temperature` of at most `maxTemperature` are stored and
   * looked up: one that names none counts as 1.
   * @throws {ConfigurationError} also when it is enabled already
   */
  enableCache(options: CacheOptions = {}): this {
    this.#parts.lifecycle.assertRunning();
    this.#parts.enableCache(options);
    return this;
  }

  /** Resolves when the cache serves all that it can: its file is read, and its embedder is there or cannot be had. */
  cacheReady(): Promise<void> {
    return this.#parts.cacheReady();
  }

  /** Forgets stored answers, and returns how many. @throws {ConfigurationError} */
  purgeCache(what: CachePurge = {}): number {
    return this.#parts.cache?.storage.purge(what) ?? 0;
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
    const { desk } = this.#parts;
    const ticket = desk.read({ input, options, caller: NOBODY });
    return explainNow(this.#parts.context, slipOf(desk, ticket, { id: 'explained', seq: Number.MAX_SAFE_INTEGER }));
  }

  /**
   * What its breakers and rate limits have learnt, to be kept over a restart: plain JSON, in wall-clock times. Requests
   * are not in it.
   */
  snapshot(): RouterSnapshot {
    const wallNow = this.#parts.clock.wallNow();
    const shift = wallNow - this.#parts.clock.now();
    const models = Object.entries(this.#parts.context.models).map(([name, ref]) => [
      name,
      memoOf(ref.getSnapshot(), shift),
    ]);
    // Charts share what never changes; a memo is its owner's to change.
    return structuredClone({ version: 1, takenAt: wallNow, models: Object.fromEntries(models) });
  }

  /**
   * Gives the models that are there what a snapshot says of those of the same name: an open breaker turns half-open at
   * the same instant of wall time as it would have. Call it after `addModel`, before the first request.
   * @throws {SnapshotError} when it is no snapshot, or one of a newer release; nothing is changed then
   */
  restore(snapshot: RouterSnapshot): Restoration {
    this.#parts.lifecycle.assertRunning();
    const { models } = this.#parts.context;
    const { memos, ignored } = restorations(
      readSnapshot(snapshot),
      (name) => (Object.hasOwn(models, name) ? models[name]!.getSnapshot().context.breaker.options : undefined),
      this.#parts.clock,
    );
    this.actor.send({ type: 'models.restore', memos, at: this.#parts.clock.now() });
    return { restored: Object.keys(memos), ignored };
  }

  /**
   * Answers one request.
   * @throws {LLMRouterError} a subclass with a stable `code`; `signal.reason` itself when the caller aborted
   */
  generate(input: string | ChatRequest, options: GenerateOptions = {}): Promise<Answer> {
    return new Promise((served, failed) =>
      this.#parts.submit({ input, options, caller: { sink: null, served, failed } }),
    );
  }

  /**
   * Streams one answer; the request is sent at once, not at the first read. Until the first content, a model that fails
   * is left for the next; after it, the stream throws `StreamInterruptedError`. Leaving the loop calls the request off.
   */
  stream(input: string | ChatRequest, options: GenerateOptions = {}): AsyncIterableIterator<StreamChunk> {
    let id: string | null = null;
    const channel = createChannel(() => {
      if (id !== null) this.#parts.cancel(id, new DOMException('the reader of the stream has left', 'AbortError'));
    });
    try {
      id = this.#parts.submit({
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
    return this.#parts.stats.snapshot(this.#parts.cacheStats);
  }

  getModelStatus(): Readonly<Record<string, ModelStatus>> {
    const { models, leaving } = this.#parts.context;
    return Object.fromEntries(
      Object.entries({ ...models, ...leaving }).map(([name, ref]) => {
        const { about } = this.#parts.fleet.models.get(name)!;
        return [name, statusOf(ref.getSnapshot(), about, this.#parts.stats.of(name), this.#parts.clock)];
      }),
    );
  }

  /** Asks every backend that can tell whether it is well, all at once, 2 s each; moves no breaker. */
  health(): Promise<Readonly<Record<string, BackendHealth>>> {
    const backends = new Map([...this.#parts.fleet.models].map(([name, { backend }]) => [name, backend]));
    return checkHealth(backends, this.#parts.clock);
  }

  on<Name extends RouterEventName>(event: Name, listener: RouterEvents[Name]): this {
    this.#parts.events.on(event, listener);
    return this;
  }

  once<Name extends RouterEventName>(event: Name, listener: RouterEvents[Name]): this {
    this.#parts.events.once(event, listener);
    return this;
  }

  off<Name extends RouterEventName>(event: Name, listener: RouterEvents[Name]): this {
    this.#parts.events.off(event, listener);
    return this;
  }

  /** Whether `stop` has been called. */
  get isStopped(): boolean {
    return this.#parts.lifecycle.isStopped;
  }

  /** A router runs from its making; this is for those who want to say so. @throws {RouterStoppedError} */
  start(): this {
    this.#parts.lifecycle.assertRunning();
    return this;
  }

  /**
   * Stops for good: new and waiting requests reject at once, running ones may finish within the grace (default 10,000
   * ms) and are aborted then. Called again, it returns the same promise.
   */
  stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    if (this.isStopped) return this.#parts.lifecycle.stop(0);
    try {
      return this.#parts.lifecycle.stop(checkGrace(options.graceMs, 'stop()'));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #command(command: OperatorCommand, model: string, where: string): this {
    this.#parts.lifecycle.assertRunning();
    checkKnown(model, this.#parts.fleet.names, where);
    this.actor.send({ type: 'model.command', model, command, at: this.#parts.clock.now() });
    return this;
  }
}
