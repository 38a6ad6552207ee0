import { dequeue, enqueue, NONE_WAITING, type Waiting } from '../queue/waiting.ts';
import type { Slip } from './slip.ts';

/** The requests that wait outside every model for one of their candidates to come back. */
export interface Parking {
  readonly all: Waiting;
  /** Those that name it, by model: a model that is back looks at no others. */
  readonly byModel: Readonly<Record<string, Waiting>>;
  readonly count: number;
}

export const NONE_PARKED: Parking = { all: NONE_WAITING, byModel: {}, count: 0 };

export const parkedFor = ({ byModel }: Parking, model: string): Waiting =>
  Object.hasOwn(byModel, model) ? byModel[model]! : NONE_WAITING;

export function entered(parking: Parking, slip: Slip): Parking {
  const byModel = { ...parking.byModel };
  for (const model of slip.candidates) byModel[model] = enqueue(parkedFor(parking, model), slip);
  return { all: enqueue(parking.all, slip), byModel, count: parking.count + 1 };
}

export function left(parking: Parking, slip: Slip): Parking {
  const byModel = { ...parking.byModel };
  for (const model of slip.candidates) {
    const waiting = dequeue(parkedFor(parking, model), slip);
    if (isEmpty(waiting)) delete byModel[model];
    else byModel[model] = waiting;
  }
  return { all: dequeue(parking.all, slip), byModel, count: parking.count - 1 };
}

const isEmpty = ({ critical, high, normal, low }: Waiting): boolean =>
  critical === null && high === null && normal === null && low === null;
