import type { CallTimeouts } from './events.ts';
import type { SilenceCode } from './ports.ts';

/** What a call may take that is not streamed and whose model names no limit: it shows no life before its end. */
export const UNSTREAMED_MS = 60_000;
/** Of a model that names none. */
export const DEFAULT_TIMEOUTS: CallTimeouts = {
  attemptTimeoutMs: null,
  firstTokenTimeoutMs: 60_000,
  idleTimeoutMs: 30_000,
  minTokensPerSecond: null,
};
/** Over how long the pace of a stream is measured. */
const PACE_WINDOW_MS = 10_000;

export interface LimitedCall {
  readonly timeouts: CallTimeouts;
  readonly isStreamed: boolean;
  readonly probeTimeoutMs: number | null;
  /** At which age its silence is noticed; null: it is not. */
  readonly silentAfterMs: number | null;
  /** When it began. */
  readonly at: number;
}

/**
 * Until when a call has to show life, keep its pace, or end. Told of each sign of life; while its reader takes its time,
 * its limits stand still.
 */
export class CallLimits {
  readonly #call: LimitedCall;
  #hasContent = false;
  #isProven = false;
  /** Nothing is left to notice: it has shown life, or that it has not has been told. */
  #isNoticed = false;
  /** It seemed to be silent when its age was looked at first. */
  #isSuspected = false;
  /** The latest sign of life; its start, to begin with. */
  #seenAt: number;
  #pausedAt = 0;
  #pausedMs = 0;
  /** Since when the pace is measured, and what has come since. */
  #paceFrom = 0;
  #tokens = 0;

  constructor(call: LimitedCall) {
    this.#call = call;
    this.#seenAt = call.at;
  }

  /** When the first of them is reached, or its silence is to be noticed. */
  get due(): number {
    return Math.min(this.#noticeDue, this.#limitDue);
  }

  /**
   * Whether its silence is to be told, once for a call, at a second look: when the process itself has stood still, timers
   * ring before what has come meanwhile is read.
   */
  notices(at: number): 'again' | 'silent' | null {
    if (at < this.#noticeDue || at >= this.#limitDue) return null;
    this.#isNoticed = this.#isSuspected;
    this.#isSuspected = true;
    return this.#isNoticed ? 'silent' : 'again';
  }

  /** What the call fails of that has reached the first of them; null: it has kept its pace, and is measured anew. */
  reached(): SilenceCode | null {
    const due = this.#limitDue;
    if (due === this.#leaseDue) return 'probe_timeout';
    if (due === this.#silenceDue) return this.#hasContent ? 'idle_timeout' : 'first_token_timeout';
    if (due === this.#attemptDue) return 'attempt_timeout';
    const { minTokensPerSecond } = this.#call.timeouts;
    if (this.#tokens < (minTokensPerSecond! * PACE_WINDOW_MS) / 1_000) return 'too_slow';
    this.#paceFrom = due;
    this.#tokens = 0;
    return null;
  }

  /** A sign of life, with so many tokens of content in it. */
  sign(at: number, tokens: number): void {
    this.#seenAt = at;
    this.#isNoticed = true;
    this.#tokens += tokens;
  }

  /** The first content has come. */
  begin(at: number): void {
    this.#hasContent = true;
    this.#seenAt = at;
    this.#paceFrom = at;
  }

  /** Whether a probe has just outlived its lease with content flowing: from then on it is a call like any other. */
  proves(at: number): boolean {
    const { probeTimeoutMs, at: startedAt } = this.#call;
    if (probeTimeoutMs === null || this.#isProven || !this.#hasContent || at - startedAt < probeTimeoutMs) return false;
    this.#isProven = true;
    return true;
  }

  pause(at: number): void {
    this.#pausedAt = at;
  }

  resume(at: number): void {
    this.#seenAt = at;
    this.#pausedMs += at - this.#pausedAt;
    this.#paceFrom += at - this.#pausedAt;
  }

  get #limitDue(): number {
    return Math.min(this.#attemptDue, this.#silenceDue, this.#leaseDue, this.#paceDue);
  }

  get #noticeDue(): number {
    const { silentAfterMs, at } = this.#call;
    return silentAfterMs === null || this.#isNoticed ? Number.POSITIVE_INFINITY : at + silentAfterMs;
  }

  get #attemptDue(): number {
    const { at, timeouts, isStreamed } = this.#call;
    const ms = timeouts.attemptTimeoutMs ?? (isStreamed ? Number.POSITIVE_INFINITY : UNSTREAMED_MS);
    return at + this.#pausedMs + ms;
  }

  get #silenceDue(): number {
    const { at, timeouts, isStreamed } = this.#call;
    if (!isStreamed) return Number.POSITIVE_INFINITY;
    return this.#hasContent ? this.#seenAt + timeouts.idleTimeoutMs : at + timeouts.firstTokenTimeoutMs;
  }

  get #leaseDue(): number {
    const { probeTimeoutMs } = this.#call;
    return probeTimeoutMs === null || this.#isProven ? Number.POSITIVE_INFINITY : this.#seenAt + probeTimeoutMs;
  }

  get #paceDue(): number {
    const isMeasured = this.#hasContent && this.#call.timeouts.minTokensPerSecond !== null;
    return isMeasured ? this.#paceFrom + PACE_WINDOW_MS : Number.POSITIVE_INFINITY;
  }
}
