import {
  cancellation,
  createRequest,
  type RequestDesk,
  type RouterRef,
  requestDesk,
  type TakesRequests,
} from '../machines/request.ts';
import type { RouterContext } from '../machines/router/events.ts';
import type { BreakerOptions } from './breaker/options.ts';
import { createCallPort } from './call.ts';
import { type Clock, systemClock } from './clock.ts';
import { createDesk } from './desk.ts';
import { StreamInterruptedError } from './errors.ts';
import { Fleet } from './fleet.ts';
import { Ledger, type Settled } from './ledger.ts';
import { Lifecycle } from './lifecycle.ts';
import { breakerOptions } from './model-options.ts';
import { hashSeed } from './random.ts';
import { type RouterOptions, resolveRouterOptions } from './router-options.ts';
import type { Submission } from './submission.ts';
import { EventBus, settledEventOf } from './telemetry/events.ts';
import { QueueWatch } from './telemetry/queue-watch.ts';
import { relayModel, relayRouter } from './telemetry/relay.ts';
import { Stats } from './telemetry/stats.ts';
import { wireRouter } from './wiring.ts';

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
  readonly events: EventBus;
  /** Where requests are taken in, together with who waits for the answer. */
  readonly desk: RequestDesk<Submission>;
  readonly #counter: TakesRequests<Submission>;
  readonly #ledger: Ledger;
  readonly #queueWatch: QueueWatch;

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
      (model) => this.fleet.models.get(model)?.provider ?? 'custom',
      (id) => this.#sendCancel(id),
    );
    this.actor = this.#wire(options);
    this.lifecycle = new Lifecycle({
      actor: this.actor,
      clock: this.clock,
      ledger: this.#ledger,
      logger: this.settings.logger,
      close: () => this.fleet.closeAll(),
      onSettled: (event) => this.#onSettled(event),
    });
    this.desk = this.#createDesk();
    this.#counter = { [requestDesk]: this.desk };
    // A spawned actor too, and now: what is added or asked before its parent starts would else wait in its mailbox.
    this.actor.start();
    const { maxParked, seed } = this.settings;
    this.actor.send({ type: 'router.configure', maxParked, seed: hashSeed(seed, 'strategies') });
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

  #wire({ inspect, spawn }: RouterOptions): RouterRef {
    const clock = this.clock;
    const { readerTimeoutMs, logger } = this.settings;
    const calls = createCallPort({
      ledger: this.#ledger,
      backends: this.fleet.models,
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
    relayRouter(actor, this.events);
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
      keep: (slip, request, { caller }) => {
        this.lifecycle.accepted();
        this.#ledger.enter(slip, request, caller);
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
    this.stats.record(event);
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
