import { z } from 'zod';
import { tallyOf, wordsFor } from './breaker/count-window.ts';
import { type BreakerMemo, type RestoredBreaker, restoredFrom } from './breaker/memo.ts';
import type { BreakerOptions } from './breaker/options.ts';
import { SnapshotError } from './errors.ts';

/** What a router remembers over a restart: its breakers and rate limits. Plain JSON; times since the Unix epoch in ms. */
export interface RouterSnapshot {
  readonly version: 1;
  readonly takenAt: number;
  readonly models: Readonly<Record<string, BreakerMemo>>;
}

/** What `restore` has made of a snapshot. */
export interface Restoration {
  readonly restored: readonly string[];
  /** Names that the router has no model for. */
  readonly ignored: readonly string[];
}

const VERSION = 1;
/** Far above anything that a router counts, and far below where counting on would lose precision. */
const MAX_COUNT = 1e12;
const count = z.int().min(0).max(MAX_COUNT);
const time = z.number();
const figures = z.strictObject({ total: count, failures: count, slow: count });
const tally = figures.refine(({ total, failures, slow }) => failures <= total && slow <= total, {
  message: 'more failures or slow calls than results',
});
const window = z.union([
  z
    .strictObject({ kind: z.literal('count'), size: z.int().min(1), tally, words: z.array(z.int()), next: count })
    .refine(
      ({ size, words, next, tally: { total, failures, slow } }) => {
        if (total > size || words.length !== wordsFor(total)) return false;
        const isNext = total < size ? next === total : next < size;
        const found = tallyOf(words, total);
        return isNext && found.failures === failures && found.slow === slow;
      },
      { message: 'next, tally and words do not fit together' },
    ),
  z.strictObject({
    kind: z.literal('time'),
    windowMs: z.number().positive(),
    slices: z.array(z.strictObject({ at: time, tally })),
  }),
]);
const memo = z.strictObject({
  state: z.enum(['closed', 'open', 'half_open', 'forced_open', 'forced_closed']),
  failures: count,
  window: window.nullable(),
  opens: count,
  closedAt: time,
  reopenAt: time.nullable(),
  limitedUntil: time.nullable(),
  limits: count,
  lastTrip: z
    .strictObject({
      cause: z.enum(['failures', 'failure_rate', 'slow_call_rate', 'probe_failed']),
      ...figures.shape,
    })
    .nullable(),
});
const whole = memo.refine(({ state, reopenAt }) => (state === 'open') === (reopenAt !== null), {
  message: 'reopenAt is there exactly when it is open',
});
const schema = z.strictObject({ version: z.literal(VERSION), takenAt: time, models: z.record(z.string(), whole) });

/** Checks all of a snapshot before any of it is used. @throws {SnapshotError} */
export function readSnapshot(given: unknown): RouterSnapshot {
  const version = (given as { version?: unknown } | null | undefined)?.version;
  if (typeof version === 'number' && version > VERSION) {
    throw new SnapshotError('version', `restore(): version: given ${version}; accepted: ${VERSION}, of this release`);
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue!.path.join('.');
  throw new SnapshotError(
    field,
    `restore(): ${field === '' ? 'the snapshot' : field}: ${issue!.message}; accepted: what router.snapshot() returns`,
  );
}

/** Every memo that there is a model for, on the router's clock. */
export function restorations(
  { models }: RouterSnapshot,
  optionsOf: (model: string) => BreakerOptions | null | undefined,
  clock: { now(): number; wallNow(): number },
): { readonly memos: Record<string, RestoredBreaker>; readonly ignored: string[] } {
  const now = clock.now();
  const shift = clock.wallNow() - now;
  const memos: Record<string, RestoredBreaker> = {};
  const ignored: string[] = [];
  for (const [name, remembered] of Object.entries(models)) {
    const options = optionsOf(name);
    if (options === undefined) ignored.push(name);
    else memos[name] = restoredFrom(remembered, options, now, shift);
  }
  return { memos, ignored };
}
