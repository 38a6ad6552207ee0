import type { Subscription } from 'xstate';
import type { ModelRef } from '../../machines/router/events.ts';
import type { QueueChangedEvent } from './events.ts';

/** Follows the models' queues, only while it is wanted: each change of a model would cost a comparison otherwise. */
export class QueueWatch {
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #onChange: (event: QueueChangedEvent) => void;

  constructor(onChange: (event: QueueChangedEvent) => void) {
    this.#onChange = onChange;
  }

  /** Watches exactly these models. */
  follow(models: Readonly<Record<string, ModelRef>>): void {
    for (const [name, subscription] of this.#subscriptions) {
      if (name in models) continue;
      subscription.unsubscribe();
      this.#subscriptions.delete(name);
    }
    for (const [name, ref] of Object.entries(models)) {
      if (!this.#subscriptions.has(name)) this.#subscriptions.set(name, this.#watch(name, ref));
    }
  }

  #watch(model: string, ref: ModelRef): Subscription {
    let last = '';
    return ref.subscribe(({ context: { load }, value }) => {
      const { waitingCount: waiting, running, lingering } = load;
      const backingOff = load.retries.count;
      const now = `${value.queue} ${waiting} ${backingOff} ${running} ${lingering}`;
      if (now === last) return;
      last = now;
      this.#onChange({ type: 'queue.changed', model, state: value.queue, waiting, backingOff, running, lingering });
    });
  }
}
