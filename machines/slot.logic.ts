import { type CallbackActorLogic, fromCallback } from 'xstate';
import type { Permit } from '../src/breaker/permit.ts';
import type { Slip } from '../src/routing/slip.ts';
import { createAlarm } from './alarm.ts';
import type { CallEvent, CallFigures, CancelReason, SlotCommand, SlotEvent } from './events.ts';
import type { SlotInput } from './model/context.ts';
import type { CallPort, CallResult, RunningCall, TimePort } from './ports.ts';

type Start = Extract<SlotCommand, { type: 'call.start' }>;

interface SlotCall {
  readonly slip: Slip;
  permit: Permit;
  readonly startedAt: number;
  readonly attemptTimeoutMs: number;
  readonly probeTimeoutMs: number | null;
  firstTokenMs: number | undefined;
  running: RunningCall | null;
  /** Its caller has been answered; the backend has not let go yet. */
  lingers: boolean;
}

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
  return fromCallback<SlotCommand, SlotInput>(({ input, receive, sendBack }) => {
    const { slot, model, abortGraceMs } = input;
    const send = sendBack as (event: SlotEvent) => void;
    let current: SlotCall | null = null;

    const alarm = createAlarm(time, (at) => {
      const call = current;
      if (call === null) return;
      if (call.lingers) {
        current = null;
        send({ type: 'slot.freed', slot, abandoned: true, at });
        return;
      }
      const isProbe = call.probeTimeoutMs !== null && call.probeTimeoutMs <= call.attemptTimeoutMs;
      const code = isProbe ? 'probe_timeout' : 'attempt_timeout';
      giveUp(call, code, figures(call, { outcome: 'failure', code }, at), at);
    });

    /** Silence is allowed until then; a probe's lease is the shorter of its own limit and the model's. */
    const watch = (call: SlotCall, from: number): void =>
      alarm.set(from + Math.min(call.attemptTimeoutMs, call.probeTimeoutMs ?? Number.POSITIVE_INFINITY));

    const figures = (call: SlotCall, result: CallResult, at: number, reason?: CancelReason): CallEvent => {
      const { outcome, ...rest } = result;
      const common: CallFigures = {
        slot,
        slip: call.slip,
        permit: call.permit,
        at,
        lingers: call.lingers,
        interrupts: call.firstTokenMs !== undefined,
        ...rest,
        ...(call.firstTokenMs !== undefined && { firstTokenMs: call.firstTokenMs }),
      };
      return outcome === 'cancelled'
        ? { type: 'call.cancelled', reason: reason ?? 'aborted', ...common }
        : { type: EVENTS[outcome], ...common };
    };

    /** Answers the caller now and waits for the backend to let go. */
    const giveUp = (
      call: SlotCall,
      why: CancelReason | 'attempt_timeout' | 'probe_timeout',
      event: CallEvent,
      at: number,
    ): void => {
      call.lingers = true;
      alarm.set(at + abortGraceMs);
      send({ ...event, lingers: true });
      call.running?.abort(why);
    };

    const start = ({ slip, permit, attemptTimeoutMs, probeTimeoutMs, at }: Start): void => {
      const call: SlotCall = {
        slip,
        permit,
        startedAt: at,
        attemptTimeoutMs,
        probeTimeoutMs,
        firstTokenMs: undefined,
        running: null,
        lingers: false,
      };
      current = call;
      watch(call, at);
      call.running = calls.start(slip, model, {
        started() {
          if (current !== call || call.lingers) return;
          const now = time.now();
          call.firstTokenMs = now - call.startedAt;
          send({ type: 'stream.started', slot, slip, at: now });
        },
        progressed() {
          if (current !== call || call.lingers) return;
          const now = time.now();
          const { probeTimeoutMs: lease } = call;
          if (lease !== null && call.firstTokenMs !== undefined && now - call.startedAt >= lease) prove(call, now);
          watch(call, now);
        },
        paused() {
          if (current === call && !call.lingers) alarm.clear();
        },
        resumed() {
          if (current === call && !call.lingers) watch(call, time.now());
        },
        ended(result) {
          if (current !== call) return;
          current = null;
          alarm.clear();
          const now = time.now();
          if (call.lingers) send({ type: 'slot.freed', slot, abandoned: false, at: now });
          else send(figures(call, result, now));
        },
      });
      if (call.running === null) {
        current = null;
        alarm.clear();
        send(figures(call, { outcome: 'cancelled' }, time.now()));
      }
    };

    /** A probe that outlives its lease with content flowing has shown what it was to show. */
    const prove = (call: SlotCall, at: number): void => {
      if (call.permit.spent === true) return;
      send({ type: 'probe.proved', slot, slip: call.slip, permit: call.permit, at });
      call.permit = { ...call.permit, spent: true };
    };

    receive((command) => {
      if (command.type === 'call.start') return start(command);
      const call = current;
      if (call === null || call.lingers || call.slip.id !== command.id) return;
      giveUp(call, command.reason, figures(call, { outcome: 'cancelled' }, command.at, command.reason), command.at);
    });

    return () => {
      const call = current;
      current = null;
      alarm.stop();
      call?.running?.abort('router_stopped');
    };
  });
}
