import type { RequestDisplaced } from '../../machines/model/emitted.ts';
import type { AttemptFailed } from '../../machines/settlement.ts';
import type { Happened, ModelFigures, Sample } from './protocol.ts';
import { Ring } from './ring.ts';

/** Ten minutes: a page that is open for longer keeps more by itself. */
const MOST = 600;

interface Second {
  failures?: Happened;
  rateLimited?: Happened;
  displaced?: Happened;
}

/** How each model was in each of the last 600 seconds that were watched. */
export class Samples {
  readonly #seconds = new Ring<readonly Sample[]>(MOST);
  /** What has happened to each model in the second that is not over. */
  readonly #present = new Map<string, Second>();

  get count(): number {
    return this.#seconds.count;
  }

  failed({ model, outcome, requestId, status, code }: AttemptFailed): void {
    if (outcome !== 'failure' && outcome !== 'rate_limited') return;
    const kind = outcome === 'failure' ? 'failures' : 'rateLimited';
    this.#add(model, kind, {
      requestId,
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
    });
  }

  displaced({ model, requestId }: RequestDisplaced): void {
    if (model !== null) this.#add(model, 'displaced', { requestId });
  }

  /** Nobody watches any more: the second that has begun is never told. */
  interrupt(): void {
    this.#present.clear();
  }

  /** A model has gone; what happened to it is not told of a new one of its name. */
  forget(model: string): void {
    this.#present.delete(model);
  }

  /** A second is over. */
  take(at: number, models: Readonly<Record<string, ModelFigures>>): void {
    this.#seconds.push(
      Object.entries(models).map(([model, { depth, breaker, control, limitedUntil }]) => ({
        model,
        at,
        depth,
        breaker: breaker.state,
        control,
        limited: limitedUntil !== null,
        ...this.#present.get(model),
      })),
    );
    this.#present.clear();
  }

  /** Of the seconds with a higher number, oldest first. */
  after(number: number): Sample[] {
    return [...this.#seconds.after(number)].flat();
  }

  #add(model: string, kind: keyof Second, what: Omit<Happened, 'count'>): void {
    const second = this.#present.get(model) ?? {};
    second[kind] = { count: (second[kind]?.count ?? 0) + 1, ...what };
    this.#present.set(model, second);
  }
}
