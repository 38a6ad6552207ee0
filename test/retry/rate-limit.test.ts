import { expect, it } from 'vitest';
import { isForgivenBy, limited, NO_LIMIT } from '../../src/retry/rate-limit.ts';

const HOUR_MS = 3_600_000;
const met = (startedAt: number, at: number) => ({ startedAt, at, hintMs: undefined });

it('a call that began at the very instant of a limit was under way when it began', () => {
  const first = limited(NO_LIMIT, met(0, 0), HOUR_MS);

  expect(limited(first, met(0, 0), HOUR_MS)).toBe(first);
  expect(isForgivenBy(first, 0)).toBe(false);
});

it('a call that began after it makes one more in the row, or breaks it', () => {
  const first = limited(NO_LIMIT, met(0, 0), HOUR_MS);

  expect(limited(first, met(1, 2), HOUR_MS)).toMatchObject({ strikes: 2, until: 2_002 });
  expect(isForgivenBy(first, 1)).toBe(true);
});
