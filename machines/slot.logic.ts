import { type CallbackActorLogic, fromCallback } from 'xstate';
import type { Permit } from '../src/breaker/permit.ts';
import type { Slip } from '../src/routing/slip.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { CallLimits } from './call-limits.ts';
import type { CallEvent, CancelReason, SlotCommand, SlotEvent } from './events.ts';
import type { SlotInput } from './model/context.ts';
import type { CallObserver, CallPort, CallResult, RunningCall, SilenceCode, TimePort } from './ports.ts';

type Start = Extract<SlotCommand, { type: 'call.start' }>;

const SILENT = 'provider_silent';
const EVENTS = {
  success: 'call.succeeded',
  failure: 'call.failed',
  ignored: 'call.ignored',
  rate_limited: 'call.rate_limited',
  cancelled: 'call.cancelled',
} as const;

/**
 * One concurrency slot: spawned once, it runs one call at a time and is used again for ever.
 *
 *   idle ─call.start▶ running ─(backend settles)▶ idle
 *                        └─(limit, lease or cancel)▶ lingering ─(backend settles, or abortGraceMs)▶ idle
 *
 * Invariants: a call's outcome is reported exactly once, at once when it is called off; the slot is free only when the
 * backend has let go, at the latest after `abortGraceMs`, so a backend that ignores its signal cannot break the limit.
 */
export function createSlotLogic(calls: CallPort, time: TimePort): CallbackActorLogic<SlotCommand, SlotInput> {
  const pulses = new Map<string, Pulse>();
  const pulseOf = (model: string): Pulse => {
    let pulse = pulses.get(model);
    if (pulse === undefined) {
      pulse = { at: Number.NEGATIVE_INFINITY };
      pulses.set(model, pulse);
    }
    return pulse;
  };
  return fromCallback<SlotCommand, SlotInput>(({ input, receive, sendBack }) => {
    const slot = new Slot(calls, time, input, pulseOf(input.model), sendBack);
    receive((command) => {
      if (command.type === 'call.start') slot.start(command);
      else if (command.type === 'call.cancel') slot.cancel(command.id, command.reason, command.at);
      else slot.giveUp(command.at);
    });
    return () => {
      slot.stop();
      pulses.delete(input.model);
    };
  });
}

/** Whoever was called off says nothing of the provider, and a broken connection is no answer. */
const isAnswer = ({ outcome, status }: CallResult): boolean =>
  outcome !== 'cancelled' && (outcome !== 'failure' || status !== undefined);

/** When any call of a model last showed life: its slots share it, because pieces of streams are told to nobody else. */
interface Pulse {
  at: number;
}

class Slot {
  readonly time: TimePort;
  readonly send: (event: SlotEvent) => void;
  readonly alarm: Alarm;
  readonly pulse: Pulse;
  readonly #calls: CallPort;
  readonly #input: SlotInput;
  /** The call that holds the slot, running or lingering. */
  current: SlotCall | null = null;

  constructor(calls: CallPort, time: TimePort, input: SlotInput, pulse: Pulse, send: (event: SlotEvent) => void) {
    this.#calls = calls;
    this.#input = input;
    this.time = time;
    this.pulse = pulse;
    this.send = send;
    this.alarm = createAlarm(time, (at) => this.#onAlarm(at));
  }

  get index(): number {
    return this.#input.slot;
  }

  start(command: Start): void {
    const call = new SlotCall(this, command);
    this.current = call;
    call.watch();
    call.running = this.#calls.start(command.slip, this.#input.model, call, command.isStreamed);
    if (call.running === null) call.ended({ outcome: 'cancelled' });
  }

  cancel(id: string, reason: CancelReason, at: number): void {
    const call = this.current;
    if (call === null || call.lingers || call.slip.id !== id) return;
    this.#giveUp(call, reason, call.report({ outcome: 'cancelled' }, at, reason), at);
  }

  giveUp(at: number): void {
    const call = this.current;
    if (call === null || call.lingers || call.hasStarted) return;
    this.#giveUp(call, SILENT, call.report({ outcome: 'failure', code: SILENT }, at), at);
  }

  stop(): void {
    const call = this.current;
    this.current = null;
    this.alarm.stop();
    call?.running?.abort('router_stopped');
  }

  #onAlarm(at: number): void {
    const call = this.current;
    if (call === null) return;
    if (call.lingers) {
      this.current = null;
      this.send({ type: 'slot.freed', slot: this.index, abandoned: true, at });
      return;
    }
    const notice = call.notices(at);
    if (notice === 'again') {
      this.alarm.set(at);
      return;
    }
    if (notice === 'silent') {
      this.send({ type: 'silence.noticed', slot: this.index, slip: call.slip, lastSignAt: this.pulse.at, at });
      // What was noticed may have given the call up.
      if (!call.lingers) call.watch();
      return;
    }
    const code = call.reached();
    if (code === null) call.watch();
    else this.#giveUp(call, code, call.report({ outcome: 'failure', code }, at), at);
  }

  /** Answers the caller now and waits for the backend to let go. */
  #giveUp(call: SlotCall, why: Parameters<RunningCall['abort']>[0], event: CallEvent, at: number): void {
    call.lingers = true;
    this.alarm.set(at + this.#input.abortGraceMs);
    this.send({ ...event, lingers: true });
    call.running?.abort(why);
  }
}

/** Hears how its call goes, as long as the call holds the slot. */
class SlotCall implements CallObserver {
  readonly slip: Slip;
  running: RunningCall | null = null;
  /** Its caller has been answered; the backend has not let go yet. */
  lingers = false;
  readonly #slot: Slot;
  readonly #startedAt: number;
  readonly #limits: CallLimits;
  #permit: Permit;
  /** Of a stream whose content has reached its caller. */
  #firstTokenMs: number | undefined;
  #contentAfterMs: number | undefined;

  constructor(slot: Slot, start: Start) {
    this.#slot = slot;
    this.slip = start.slip;
    this.#permit = start.permit;
    this.#startedAt = start.at;
    this.#limits = new CallLimits(start);
  }

  /** Rings at the first of its limits. */
  watch(): void {
    this.#slot.alarm.set(this.#limits.due);
  }

  /** Content of a stream has reached its caller. */
  get hasStarted(): boolean {
    return this.#firstTokenMs !== undefined;
  }

  /** Whether its silence is to be told now, or to be looked at again; null: neither. */
  notices(at: number): ReturnType<CallLimits['notices']> {
    return this.#limits.notices(at);
  }

  /** What it has failed of, now that the alarm rings; null: it goes on. */
  reached(): SilenceCode | null {
    return this.#limits.reached();
  }

  began(): void {
    if (!this.#isWatched) return;
    const at = this.#slot.time.now();
    this.#contentAfterMs = at - this.#startedAt;
    this.#limits.begin(at);
    this.watch();
  }

  started(): void {
    if (!this.#isWatched) return;
    const at = this.#slot.time.now();
    this.began();
    this.#firstTokenMs = at - this.#startedAt;
    this.#slot.send({ type: 'stream.started', slot: this.#slot.index, slip: this.slip, at });
  }

  progressed(tokens: number): void {
    if (!this.#isWatched) return;
    const at = this.#slot.time.now();
    this.#slot.pulse.at = at;
    this.#limits.sign(at, tokens);
    if (this.#limits.proves(at)) this.#prove(at);
    this.watch();
  }

  paused(): void {
    if (!this.#isWatched) return;
    this.#limits.pause(this.#slot.time.now());
    this.#slot.alarm.clear();
  }

  resumed(): void {
    if (!this.#isWatched) return;
    this.#limits.resume(this.#slot.time.now());
    this.watch();
  }

  ended(result: CallResult): void {
    const slot = this.#slot;
    // The call of a slot that was abandoned or stopped has lost its say.
    if (slot.current !== this) return;
    slot.current = null;
    slot.alarm.clear();
    const at = slot.time.now();
    if (!this.lingers && isAnswer(result)) slot.pulse.at = at;
    slot.send(this.lingers ? { type: 'slot.freed', slot: slot.index, abandoned: false, at } : this.report(result, at));
  }

  report(result: CallResult, at: number, reason: CancelReason = 'aborted'): CallEvent {
    const { outcome, status, code, retryAfterMs } = result;
    const common = {
      slot: this.#slot.index,
      slip: this.slip,
      permit: this.#permit,
      at,
      lingers: this.lingers,
      interrupts: this.#firstTokenMs !== undefined,
      firstTokenMs: this.#firstTokenMs,
      contentAfterMs: this.#contentAfterMs,
      status,
      code,
      retryAfterMs,
    };
    if (outcome === 'cancelled') return { type: 'call.cancelled', reason, ...common };
    if (result.provesHealth === true) return { type: 'call.ignored', provesHealth: true, ...common };
    return { type: EVENTS[outcome], ...common };
  }

  get #isWatched(): boolean {
    return this.#slot.current === this && !this.lingers;
  }

  /** A probe that outlives its lease with content flowing has shown what it was to show. */
  #prove(at: number): void {
    this.#slot.send({ type: 'probe.proved', slot: this.#slot.index, slip: this.slip, permit: this.#permit, at });
    this.#permit = { ...this.#permit, spent: true };
  }
}
