import { createAlarm } from '../machines/alarm.ts';
import type { RouterRef } from '../machines/request.ts';
import { type Clock, createProcessHold } from './clock.ts';
import { RouterStoppedError } from './errors.ts';
import type { Ledger, Settled } from './ledger.ts';
import type { Logger } from './router-options.ts';

export interface LifecyclePorts {
  readonly actor: RouterRef;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly logger: Logger;
  /** Closes every backend. */
  readonly close: () => Promise<void>;
  /** Hears of the requests that end because the root has. */
  readonly onSettled: (event: Settled) => void;
}

/** How a router ends, and that the process lives as long as a request is pending. */
export class Lifecycle {
  readonly #ports: LifecyclePorts;
  readonly #hold = createProcessHold();
  #stopped: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;

  constructor(ports: LifecyclePorts) {
    this.#ports = ports;
    ports.actor.subscribe({ error: (error) => this.#onBroken(error), complete: () => this.#onEnded() });
  }

  get isStopped(): boolean {
    return this.#stopped !== null;
  }

  /** @throws {RouterStoppedError} */
  assertRunning(): void {
    if (this.#stopped !== null) throw new RouterStoppedError('the router was stopped; make a new one');
  }

  /** A request has been accepted. */
  accepted(): void {
    if (this.#ports.clock.isManual !== true) this.#hold.take();
  }

  /** A request has been taken out of the ledger. */
  settled(): void {
    if (this.#ports.ledger.size === 0) this.#hold.release();
  }

  /** Its caller has been told. */
  delivered(): void {
    if (this.#ports.ledger.size === 0) this.#onIdle?.();
  }

  /** Called again, it returns the same promise. */
  stop(graceMs: number): Promise<void> {
    if (this.#stopped !== null) return this.#stopped;
    // First of all: what listeners do while the actor stops is done to a stopped router.
    let follow!: (end: Promise<void>) => void;
    this.#stopped = new Promise((resolve) => {
      follow = resolve;
    });
    follow(this.#stop(graceMs));
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    const { actor, clock, ledger } = this.#ports;
    actor.send({ type: 'stop', at: clock.now() });
    if (ledger.size > 0 && graceMs > 0) {
      await new Promise<void>((resolve) => {
        const grace = createAlarm(clock, () => resolve());
        grace.set(clock.now() + graceMs);
        this.#onIdle = () => {
          grace.stop();
          resolve();
        };
      });
    }
    if (ledger.size > 0 && this.#isAlive) actor.send({ type: 'abort', at: clock.now() });
    if (this.#isAlive) actor.send({ type: 'end', at: clock.now() });
    await this.#close();
  }

  get #isAlive(): boolean {
    return this.#ports.actor.getSnapshot().status === 'active';
  }

  async #close(): Promise<void> {
    await this.#ports.close();
    this.#hold.end();
  }

  /** The root is at its end, by `stop` or with the system that it lives in: nobody may wait for it for ever. */
  #onEnded(): void {
    this.#stopped ??= Promise.resolve().then(() => this.#close());
    const { ledger, clock, onSettled } = this.#ports;
    for (const id of ledger.ids()) {
      const slip = ledger.get(id)?.slip;
      const settled = slip && ledger.settle({ key: slip, slip, at: clock.now(), verdict: 'stopped' });
      if (settled) onSettled(settled);
    }
  }

  /** The root has died of an error of its own: nobody may wait for it for ever. */
  #onBroken(error: unknown): void {
    const { ledger, clock, logger } = this.#ports;
    logger.error({ error }, 'the router has failed');
    this.#stopped ??= Promise.resolve();
    for (const requestId of ledger.ids()) {
      const { failed, slip } = ledger.get(requestId)!;
      ledger.settle({ key: slip, slip, at: clock.now(), verdict: 'stopped' });
      failed(new RouterStoppedError('the router has failed', { requestId, cause: error }));
    }
    this.#hold.end();
  }
}
