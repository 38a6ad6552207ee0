import { type CallbackActorLogic, fromCallback } from 'xstate';
import type { SlipKey } from '../src/routing/slip.ts';
import { createAlarm } from './alarm.ts';
import type { HeldKey, TimerCommand, TimerDueEvent, TimerKind } from './events.ts';
import type { TimePort } from './ports.ts';

interface Entry {
  readonly kind: TimerKind;
  readonly key: string;
  readonly due: number;
  readonly slip: SlipKey | HeldKey | undefined;
  /** Order of setting; breaks ties. */
  readonly order: number;
  /** Where it stands in the heap. */
  index: number;
}

const isBefore = (a: Entry, b: Entry): boolean => (a.due === b.due ? a.order < b.order : a.due < b.due);

/**
 * All times that a router waits for, in one binary heap over one timer of the clock. It sends its parent
 * `timer.due {kind, key, at}` when one comes. Entries are found by key, so that what is cleared is gone at once: with
 * deadlines of minutes and thousands of requests a second, dead entries would otherwise be most of the heap.
 */
export function createTimersLogic(time: TimePort): CallbackActorLogic<TimerCommand, undefined> {
  return fromCallback<TimerCommand, undefined>(({ receive, sendBack }) => {
    const send = sendBack as (event: TimerDueEvent) => void;
    const heap: Entry[] = [];
    const byKey: Record<TimerKind, Map<string, Entry>> = {
      deadline: new Map(),
      retry: new Map(),
      grace: new Map(),
      limit: new Map(),
    };
    let order = 0;

    const place = (entry: Entry, index: number): void => {
      entry.index = index;
      heap[index] = entry;
    };
    const rise = (entry: Entry, from: number): void => {
      let index = from;
      while (index > 0) {
        const parent = heap[(index - 1) >> 1]!;
        if (!isBefore(entry, parent)) break;
        place(parent, index);
        index = (index - 1) >> 1;
      }
      place(entry, index);
    };
    const sink = (entry: Entry, from: number): void => {
      let index = from;
      for (;;) {
        const left = 2 * index + 1;
        if (left >= heap.length) break;
        const right = left + 1;
        const least = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
        if (!isBefore(heap[least]!, entry)) break;
        place(heap[least]!, index);
        index = least;
      }
      place(entry, index);
    };
    const take = (entry: Entry): void => {
      byKey[entry.kind].delete(entry.key);
      const last = heap.pop()!;
      if (last === entry) return;
      if (isBefore(last, entry)) rise(last, entry.index);
      else sink(last, entry.index);
    };
    const wait = (): void => {
      const next = heap[0];
      if (next === undefined) alarm.clear();
      else alarm.set(next.due);
    };

    const alarm = createAlarm(time, (at) => {
      for (let next = heap[0]; next !== undefined && next.due <= at; next = heap[0]) {
        take(next);
        const { kind, key, slip } = next;
        if (kind === 'deadline') send({ type: 'timer.due', kind, key, slip: slip!, at });
        else if (kind === 'retry') send({ type: 'timer.due', kind, key, slip: slip as HeldKey, at });
        else send({ type: 'timer.due', kind, key, at });
      }
      wait();
    });

    receive((command) => {
      const known = byKey[command.kind].get(command.key);
      if (known !== undefined) take(known);
      if (command.type === 'timer.set') {
        const { kind, key, due, slip } = command;
        const entry: Entry = { kind, key, due, slip, order: order++, index: heap.length };
        byKey[kind].set(key, entry);
        heap.push(entry);
        rise(entry, entry.index);
      }
      wait();
    });

    return () => {
      alarm.stop();
      heap.length = 0;
    };
  });
}
