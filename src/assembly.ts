import { waitFor } from 'xstate';
import type { CacheState } from '../machines/cache/events.ts';
import {
  cacheOf,
  cancellation,
  createRequest,
  onBehalfOf,
  type RequestDesk,
  type RouterRef,
  requestDesk,
  type TakesRequests,
} from '../machines/request.ts';
import type { RouterContext } from '../machines/router/events.ts';
import type { BreakerOptions } from './breaker/options.ts';
import type { CacheHost } from './cache/host.ts';
import { watchCache } from './cache/log.ts';
import { type CacheOptions, resolveCacheOptions } from './cache/options.ts';
import { ResponseCache } from './cache/response-cache.ts';
import type { CacheStats } from './cache/stats.ts';
import { createCallPort } from './call.ts';
import { type Clock, createProcessHold, systemClock } from './clock.ts';
import { createDesk } from './desk.ts';
import { TextToEmbed } from './entry.ts';
import { ConfigurationError, StreamInterruptedError } from './errors.ts';
import { Fleet } from './fleet.ts';
import type { Inspected, Watcher } from './inspected.ts';
import { Ledger, type Settled } from './ledger.ts';
import { Lifecycle } from './lifecycle.ts';
import { breakerOptions } from './model-options.ts';
import { hashSeed } from './random.ts';
import { type RouterOptions, resolveRouterOptions } from './router-options.ts';
import { ASKED_ONLY } from './routing/cache-verdict.ts';
import { NOBODY, type OwnSettled, type Submission } from './submission.ts';
import { EventBus, settledEventOf } from './telemetry/events.ts';
import { QueueWatch } from './telemetry/queue-watch.ts';
import { relayCache, relayModel, relayRouter } from './telemetry/relay.ts';
import { Stats } from './telemetry/stats.ts';
import { wireRouter } from './wiring.ts';

/** Of a model that has been removed. */
const GONE = { provider: 'custom', pricing: null };

/** The parts of a router and how they are joined: requests go in at the desk, and what the charts settle comes out. */
export class Assembly {
  readonly actor: RouterRef;
  readonly clock: Clock;
  readonly settings: ReturnType<typeof resolveRouterOptions>;
  /** Of models that have none of their own; null: switched off. */
  breaker: BreakerOptions | null;
  readonly fleet: Fleet;
  readonly lifecycle: Lifecycle;
  readonly stats = new Stats();
  /** null: switched off. */
  cache: ResponseCache | null = null;
  /** Requests of the router's own, and who hears how they end. */
  readonly #own = new Map<string, OwnSettled>();
  readonly events: EventBus;
  /** Where requests are taken in, together with who waits for the answer. */
  readonly desk: RequestDesk<Submission>;
  readonly #counter: TakesRequests<Submission>;
  readonly #ledger: Ledger;
  readonly #queueWatch: QueueWatch;
  readonly #watchers = new Set<Watcher>();

  /** @throws {ConfigurationError} */
  constructor(options: RouterOptions) {
    this.settings = resolveRouterOptions(options);
    this.clock = options.clock ?? systemClock;
    this.breaker = breakerOptions(options.breaker ?? {}, 'new LLMRouter().breaker');
    this.events = new EventBus((name) => {
      if (name === 'queue.changed') this.#watchQueues();
    });
    this.#queueWatch = new QueueWatch((event) => this.events.emit('queue.changed', event));
    this.fleet = new Fleet(this.settings.logger);
    this.#ledger = new Ledger(
      (model) => this.fleet.models.get(model) ?? GONE,
      (id) => this.#sendCancel(id),
    );
    this.actor = this.#wire(options);
    this.lifecycle = new Lifecycle({
      actor: this.actor,
      clock: this.clock,
      ledger: this.#ledger,
      logger: this.settings.logger,
      close: async () => {
        await Promise.all([this.fleet.closeAll(), this.cache?.close()]);
      },
      onSettled: (event) => this.#onSettled(event),
    });
    this.desk = this.#createDesk();
    this.#counter = { [requestDesk]: this.desk };
    // A spawned actor too, and now: what is added or asked before its parent starts would else wait in its mailbox.
    this.actor.start();
    const { maxParked, boosts, seed } = this.settings;
    this.actor.send({ type: 'router.configure', maxParked, boosts, seed: hashSeed(seed, 'strategies') });
  }

  get context(): RouterContext {
    return this.actor.getSnapshot().context;
  }

  /** Takes a request in and sends it on its way. @throws when it is wrong or comes too late */
  submit(submission: Submission): string {
    const { id, request } = createRequest(this.#counter, submission);
    this.actor.send(request);
    return id;
  }

  /** Calls a pending request off. */
  cancel(id: string, reason: unknown): void {
    if (this.#ledger.callOff(id, reason)) this.#sendCancel(id);
  }

  /** @throws {ConfigurationError} */
  enableCache(options: CacheOptions): void {
    if (this.cache !== null)
      throw new ConfigurationError('options', 'enableCache(): given a second time; accepted: once');
    const resolved = resolveCacheOptions(options);
    this.cache = new ResponseCache(resolved, this.#cacheHost());
    const { isSemantic } = this.cache.storage;
    const { retryEmbedderMs } = resolved;
    this.actor.send({ type: 'cache.enable', isSemantic, retryMs: retryEmbedderMs, at: this.clock.now() });
  }

  /** null: there is no cache. */
  get cacheStats(): CacheStats | null {
    if (this.cache === null) return null;
    const { value, context } = cacheOf(this.actor).getSnapshot();
    const reason = value === 'degraded' ? context.lack!.reason : null;
    return { state: value as CacheState, reason, ...this.cache.stats() };
  }

  get inspected(): Inspected {
    return {
      clock: this.clock,
      logger: this.settings.logger,
      pending: () => this.#ledger.size,
      cache: () => this.cacheStats,
      about: (model) => this.fleet.models.get(model)?.about,
      watch: (watcher) => {
        this.#watchers.add(watcher);
        return () => void this.#watchers.delete(watcher);
      },
    };
  }

  async cacheReady(): Promise<void> {
    if (this.cache === null) return;
    // What is loaded does not keep the process alive; who waits for it does.
    const hold = createProcessHold();
    hold.take();
    try {
      await this.cache.storage.opened;
      await waitFor(cacheOf(this.actor), ({ value, status }) => value !== 'warming' || status !== 'active');
    } catch {
      // The router has stopped: there is nothing left to wait for.
    } finally {
      hold.end();
    }
  }

  /** What the cache needs of the router. */
  #cacheHost(): CacheHost {
    return {
      clock: this.clock,
      logger: this.settings.logger,
      request: (id) => (this.#ledger.isCalledOff(id) ? undefined : this.#ledger.get(id)),
      prepare: (leader, settled) => {
        const entry = this.#ledger.get(leader.id)!;
        const { rules } = this.context;
        const timeoutMs = rules.find(({ name }) => name === leader.rule)?.timeoutMs ?? this.settings.timeoutMs;
        const at = this.clock.now();
        const slip = onBehalfOf(leader, { ...this.desk.number(), at, timeoutMs });
        const { content, tenant } = entry;
        entry.context.runInAsyncScope(() => {
          this.lifecycle.accepted();
          this.#ledger.enter(slip, { content, tenant, signal: undefined, replyTo: undefined }, NOBODY);
        });
        this.#own.set(slip.id, settled);
        return { id: slip.id, send: () => this.actor.send({ type: 'request', slip, at }) };
      },
      ask: (prompt, options, settled) => {
        this.submit({ input: prompt, options, caller: NOBODY, settled });
      },
      embed: (text, options, settled) => {
        this.submit({ input: text, options, caller: NOBODY, settled, wantsVector: true });
      },
      cancel: (id) => this.cancel(id, new DOMException('nobody waits for it any more', 'AbortError')),
      targetsOf: (rule) => this.context.rules.find(({ name }) => name === rule)?.targets ?? null,
      note: (slip) => this.#ledger.note(slip),
      isChatModel: (name) => this.fleet.chatNames.includes(name),
      embeddingModel: (name) => {
        const model = this.fleet.models.get(name);
        return model === undefined || model.isChat ? null : model.about;
      },
    };
  }

  #wire({ inspect, spawn }: RouterOptions): RouterRef {
    const clock = this.clock;
    const { readerTimeoutMs, logger } = this.settings;
    const calls = createCallPort({
      ledger: this.#ledger,
      backends: this.fleet.models,
      clock,
      readerTimeoutMs,
      onRunning: (id, isRunning) => this.cache?.running(id, isRunning),
      onIdleReader: (id) => this.#onIdleReader(id),
    });
    const actor = wireRouter({
      clock,
      ledger: this.#ledger,
      calls,
      cache: {
        load: (report) => this.cache!.load(report),
        lookUp: (slip, isSemantic, report) => this.cache!.lookUp(slip, isSemantic, report),
        leave: (requestId) => this.cache?.leave(requestId),
        release: () => this.cache?.release(),
      },
      spawn,
      inspect,
      onInspectError: (error) => logger.error({ error }, 'an inspector threw'),
    });
    actor.on('request.settled', (event) => this.#onSettled(event as Settled));
    actor.on('model.added', ({ model }) => this.#listen(model));
    actor.on('model.removed', ({ model }) => this.#onRemoved(model));
    relayRouter(actor, this.events);
    relayCache(actor, this.events);
    watchCache(actor, logger);
    return actor;
  }

  #createDesk(): RequestDesk<Submission> {
    const { id, timeoutMs, retries } = this.settings;
    return createDesk({
      actor: this.actor,
      clock: this.clock,
      id,
      timeoutMs,
      maxRetries: retries.maxRetries,
      assertRunning: () => this.lifecycle.assertRunning(),
      verdictOf: (request) => this.cache?.verdictOf(request) ?? (request.cache === 'only' ? ASKED_ONLY : null),
      keep: (slip, request, { caller, settled, wantsVector }) => {
        this.lifecycle.accepted();
        const kept = wantsVector ? { ...request, content: new TextToEmbed(request.content as string) } : request;
        this.#ledger.enter(slip, kept, caller);
        if (settled !== undefined) this.#own.set(slip.id, settled);
        if (slip.terms.cache !== null) this.cache?.accept(slip, request);
      },
    });
  }

  #sendCancel(id: string): void {
    const entry = this.#ledger.get(id);
    if (entry !== undefined) this.actor.send(cancellation(entry.slip, 'aborted', this.clock.now()));
  }

  #onIdleReader(id: string): void {
    const entry = this.#ledger.get(id);
    if (entry === undefined) return;
    const message = `the reader took nothing for ${this.settings.readerTimeoutMs} ms`;
    this.cancel(id, new StreamInterruptedError(message, { requestId: id, partialText: entry.partialText ?? '' }));
  }

  #onSettled(event: Settled): void {
    const settled = this.#own.get(event.id);
    this.#own.delete(event.id);
    if (settled !== undefined) {
      this.lifecycle.settled();
      if (!settled(event)) {
        this.stats.recordCalls(event);
        for (const watcher of this.#watchers) watcher.called(event);
      }
      this.lifecycle.delivered();
      return;
    }
    this.stats.record(event);
    this.cache?.settled(event);
    for (const watcher of this.#watchers) watcher.settled(event);
    this.lifecycle.settled();
    try {
      event.deliver();
    } catch (error) {
      this.settings.logger.error({ requestId: event.id, error }, 'a settled request could not be delivered');
    }
    if (this.events.count('request.settled') > 0) this.events.emit('request.settled', settledEventOf(event));
    this.lifecycle.delivered();
  }

  #listen(name: string): void {
    relayModel(this.context.models[name]!, this.events);
    this.#watchQueues();
  }

  #watchQueues(): void {
    this.#queueWatch.follow(this.events.count('queue.changed') > 0 ? this.context.models : {});
  }

  #onRemoved(name: string): void {
    this.stats.forget(name);
    this.#watchQueues();
    void this.fleet.left(name);
  }
}
