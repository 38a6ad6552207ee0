import type { CacheState } from '../../../machines/cache/events.ts';
import type { Trip } from '../../breaker/memory.ts';
import type { ControlState } from '../../routing/model-view.ts';
import type { Command, Mark } from '../protocol.ts';
import { counted, duration, ordinal, share, words } from './format.ts';

/** What happened, and why, in words. */
export interface Why {
  /** `Opened`, `Rate limited`; a time may follow: `Opened 19 s ago`. */
  readonly title: string;
  readonly why: string;
  /** The request that brought it about, where one did. */
  readonly requestId?: string;
}

type BreakerMark = Extract<Mark, { kind: 'breaker' }>;

/** Says why something happened to a model, or to the cache. */
export function whyOf(mark: Mark): Why {
  switch (mark.kind) {
    case 'breaker':
      return { title: titleOf(mark), why: causeOf(mark), ...deciding(mark) };
    case 'would_open':
      return {
        title: 'Would have opened',
        why: `${tripWords(mark.trip)}, but it only observes`,
        requestId: mark.requestId,
      };
    case 'control':
      return CONTROL[mark.to];
    case 'command':
      return { title: COMMANDED[mark.command], why: 'by an operator, with no state to change' };
    case 'limit_began':
      return {
        title: 'Rate limited',
        why: `the provider wants to be left alone for ${duration(mark.forMs)}${inARow(mark.strikes, 'limit')}`,
        requestId: mark.requestId,
      };
    case 'limit_ended':
      return { title: 'Rate limit ended', why: 'calls are sent again' };
    case 'added':
      return { title: 'Added', why: 'it takes requests from now on' };
    case 'removed':
      return { title: 'Removed', why: 'its requests go to other models' };
    case 'cache':
      return { title: `Cache ${words(mark.to)}`, why: cacheWords(mark.to, mark.reason) };
  }
}

const COMMANDED: Readonly<Record<Command, string>> = {
  force_open: 'Forced open',
  force_closed: 'Forced closed',
  reset: 'Reset',
  pause: 'Paused',
  resume: 'Resumed',
  drain: 'Drained',
};

const TITLES: Readonly<Record<BreakerMark['to'], string>> = {
  closed: 'Closed',
  open: 'Opened',
  half_open: 'Turned half-open',
  forced_open: 'Forced open',
  forced_closed: 'Forced closed',
};

function titleOf({ cause, to }: BreakerMark): string {
  if (cause === 'reset') return 'Reset';
  if (cause === 'restored') return `Restored as ${words(to)}`;
  if (cause === 'configured') return to === 'forced_closed' ? 'Breaker switched off' : 'Breaker configured';
  return TITLES[to];
}

/** The facts of a change, the deciding one first: `the 5th failure in a row, status 503, open for 60 s`. */
function causeOf(mark: BreakerMark): string {
  const { openForMs, opens } = mark;
  const parts = [reasonOf(mark), ...resultOf(mark)];
  if (openForMs !== null) parts.push(`open for ${duration(openForMs)}${inARow(opens, 'opening')}`);
  return parts.join(', ');
}

function reasonOf({ cause, to, trip }: BreakerMark): string {
  switch (cause) {
    case 'failures':
    case 'failure_rate':
    case 'slow_call_rate':
    case 'silence':
    case 'probe_failed':
      return trip === undefined ? words(cause) : tripWords(trip);
    case 'recovery_due':
      return 'its open time is over, and probes find out whether the provider has recovered';
    case 'recovered':
      return 'enough probes in a row have succeeded';
    case 'configured':
      return to === 'forced_closed' ? 'nothing is judged any more' : 'it has new options and starts afresh';
    case 'forced':
      return to === 'forced_open'
        ? 'by an operator, until it is forced closed or reset'
        : 'by an operator, and nothing is judged until it is forced open or reset';
    case 'reset':
      return 'by an operator, and its past is forgotten';
    case 'restored':
      return 'from what was kept over a restart';
  }
}

function tripWords({ cause, failures, slow, total }: Trip): string {
  switch (cause) {
    case 'failures':
      return failures === 1 ? 'a failure' : `the ${ordinal(failures)} failure in a row`;
    case 'failure_rate':
      return `${failures} of ${counted(total, 'call')} failed (${share(failures, total)})`;
    case 'slow_call_rate':
      return `${slow} of ${counted(total, 'call')} were slow (${share(slow, total)})`;
    case 'silence':
      return `${failures} of ${counted(total, 'call')} in flight have been silent for much longer than is usual`;
    case 'probe_failed':
      return total === 1 ? 'a probe failed' : `a probe failed after ${counted(total - 1, 'good probe')}`;
  }
}

/** What the deciding call came to, unless it was a success. */
function resultOf({ status, code }: BreakerMark): string[] {
  return [...(status === undefined ? [] : [`status ${status}`]), ...(code === undefined ? [] : [words(code)])];
}

const inARow = (times: number, noun: string): string => (times > 1 ? `, the ${ordinal(times)} ${noun} in a row` : '');

const deciding = ({ requestId }: { readonly requestId?: string }): Pick<Why, 'requestId'> =>
  requestId === undefined ? {} : { requestId };

const CONTROL: Readonly<Record<ControlState, Why>> = {
  active: { title: 'Resumed', why: 'by an operator, and it takes requests as its breaker and its queue allow' },
  paused: { title: 'Paused', why: 'by an operator: nothing is sent to it, and what waits stays' },
  draining: { title: 'Draining', why: 'it takes no newcomer and finishes what it has' },
  drained: { title: 'Drained', why: 'nothing is left of what it had' },
};

/** What a state of the cache means. */
export function cacheWords(state: CacheState, reason: string | null): string {
  switch (state) {
    case 'off':
      return 'nothing is looked up';
    case 'warming':
      return 'its embedder is being loaded, and only exact repetitions are answered';
    case 'ready':
      return 'exact repetitions are answered, and similar prompts where it has an embedder';
    case 'degraded':
      return `${reason ?? 'there is no embedder'}, and only exact repetitions are answered`;
  }
}
