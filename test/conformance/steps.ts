import { check } from './check.ts';
import type { Breaker, BreakerEvent, Call, Outcome } from './interface.ts';

const OUTCOMES: Readonly<Record<string, Outcome>> = { S: 'success', F: 'failure', I: 'ignored' };

/** Calls one after the other that end as told: `S` success, `F` failure, `I` ignored. */
export async function play(breaker: Breaker, results: string): Promise<void> {
  for (const [index, letter] of results.split(' ').entries()) {
    const call = await running(breaker, `call ${index + 1} of ${results}`);
    await call.settle(OUTCOMES[letter]!);
  }
}

export async function running(breaker: Breaker, what: string): Promise<Call> {
  const call = await breaker.begin();
  check(what, call.status, 'running');
  return call;
}

export async function refused(breaker: Breaker, what: string): Promise<Call> {
  const call = await breaker.begin();
  check(what, call.status, 'rejected');
  return call;
}

export const manyRunning = async (breaker: Breaker, count: number, what: string): Promise<Call[]> => {
  const calls: Call[] = [];
  while (calls.length < count) calls.push(await running(breaker, `${what}, call ${calls.length + 1}`));
  return calls;
};

/** The events from now on. */
export function heard(breaker: Breaker): readonly BreakerEvent[] {
  const events: BreakerEvent[] = [];
  breaker.on((event) => events.push(event));
  return events;
}

export const statesOf = (events: readonly BreakerEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'changed' ? [event.to] : []));

/** As a memo comes back from a file. */
export const stored = (memo: unknown): unknown => JSON.parse(JSON.stringify(memo));
