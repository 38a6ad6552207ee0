import { cut } from '../options.ts';
import type { PolicyEvent } from './policy-events.ts';

/** An event in words, such as `local answers 503 (r1)`. A `request` event has no name of its own: `foldSteps` counts. */
export const describeEvent = (event: PolicyEvent): string =>
  wordsOf(event) + ('request' in event ? namesIn([event.request]) : '');

/**
 * A sequence of events in words, one step each; what comes several times in a row is one step, such as
 * `5 × a normal request comes, then local answers 503 (r1 to r5)`.
 */
export function foldSteps(events: readonly PolicyEvent[]): readonly string[] {
  const steps = named(events);
  const folded: string[] = [];
  for (let at = 0; at < steps.length; ) {
    const { period, times } = bestFold(steps, at);
    const group = steps.slice(at, at + period * times);
    const words = group.slice(0, period).map((step) => step.words);
    const prefix = times > 1 ? `${times} × ` : '';
    folded.push(prefix + words.join(', then ') + namesIn(group.flatMap(({ request }) => request ?? [])));
    at += group.length;
  }
  return folded;
}

interface Step {
  readonly words: string;
  readonly request: string | null;
}

/** With the name of the request that each is about. */
function named(events: readonly PolicyEvent[]): readonly Step[] {
  let made = 0;
  return events.map((event) => {
    const words = wordsOf(event);
    if (event.type === 'request') return { words, request: `r${++made}` };
    return { words, request: 'request' in event ? event.request : null };
  });
}

/** A loop is a call, its failure and what the operator or the clock does between: longer ones are told in full. */
const LONGEST_PERIOD = 6;

/** How many steps make the block that is repeated most at this place, and how often it stands there in a row. */
function bestFold(steps: readonly Step[], at: number): { readonly period: number; readonly times: number } {
  let best = { period: 1, times: 1 };
  for (let period = 1; period <= LONGEST_PERIOD; period += 1) {
    let end = at + period;
    while (end < steps.length && steps[end]!.words === steps[end - period]!.words) end += 1;
    const times = Math.floor((end - at) / period);
    if (period * (times - 1) > best.period * (best.times - 1)) best = { period, times };
  }
  return best;
}

/** ` (r1)`, ` (r1 to r5)` for what follows one another, else a list. */
function namesIn(requests: readonly string[]): string {
  const names = [...new Set(requests)];
  if (names.length === 0) return '';
  const numbers = names.map((name) => Number(name.slice(1)));
  const isRun = names.length > 2 && numbers.every((number, index) => number === numbers[0]! + index);
  return ` (${isRun ? `${names[0]} to ${names.at(-1)}` : names.join(', ')})`;
}

function wordsOf(event: PolicyEvent): string {
  switch (event.type) {
    case 'request': {
      const metadata = Object.entries(event.metadata ?? {}).map(([key, value]) => `${key}: ${cut(`${value}`)}`);
      const about = metadata.length === 0 ? '' : ` with ${metadata.join(', ')}`;
      const whither = event.model === undefined ? '' : ` for ${event.model}`;
      const inTurn = event.order === undefined ? '' : `, for ${event.order.join(', ')} in turn`;
      return `a ${event.priority} request${about}${whither} comes${inTurn}`;
    }
    case 'call.succeeded':
      return `${event.model} answers`;
    case 'call.failed':
      return `${event.model} answers 503${hint(event.retryAfterMs)}`;
    case 'call.refused':
      return `${event.model} answers 401`;
    case 'call.ignored':
      return `${event.model} answers 400`;
    case 'call.rate_limited':
      return `${event.model} answers 429${hint(event.retryAfterMs)}`;
    case 'request.cancel':
      return 'the caller leaves';
    case 'time.passed':
      return `${duration(event.ms)} pass`;
    case 'pause':
      return `${event.model} is paused`;
    case 'resume':
      return `${event.model} is resumed`;
    case 'drain':
      return `${event.model} is drained`;
    case 'breaker.force_open':
      return `the breaker of ${event.model} is forced open`;
    case 'breaker.force_closed':
      return `the breaker of ${event.model} is forced closed`;
    case 'breaker.reset':
      return `the breaker of ${event.model} is reset`;
  }
}

const hint = (retryAfterMs: number | undefined): string =>
  retryAfterMs === undefined ? '' : `, to be asked again after ${duration(retryAfterMs)}`;

const duration = (ms: number): string => (ms >= 1_000 && ms % 100 === 0 ? `${ms / 1_000} s` : `${ms} ms`);
