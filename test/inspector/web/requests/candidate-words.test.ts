import { describe, expect, it } from 'vitest';
import { reasonWords, verdictWords } from '../../../../src/inspector/web/requests/candidate-words.ts';
import type { TraceAttempt, TraceCandidate } from '../../../../src/routing/trace.ts';

const attempt = (outcome: TraceAttempt['outcome'], part: Partial<TraceAttempt> = {}): TraceAttempt => ({
  startedAt: 0,
  ms: 1,
  outcome,
  ...part,
});
const candidate = (verdict: TraceCandidate['verdict'], part: Partial<TraceCandidate> = {}): TraceCandidate => ({
  model: 'a',
  verdict,
  waitedMs: 0,
  attempts: [],
  ...part,
});

describe('what became of a candidate', () => {
  it.each<[TraceCandidate, string]>([
    [candidate('served', { attempts: [attempt('success')] }), 'Served.'],
    [candidate('served', { attempts: [attempt('failure'), attempt('success')] }), 'Served at the 2nd call.'],
    [
      candidate('failed', { attempts: [attempt('failure'), attempt('failure', { status: 503 })] }),
      'Called twice; the last call failed: status 503.',
    ],
    [
      candidate('failed', { attempts: [attempt('rate_limited', { status: 429 })], reason: 'circuit_open' }),
      'Called once; it was rate limited: status 429, then left: its circuit was open.',
    ],
    [
      candidate('skipped', { reason: 'circuit_open', retryAfterMs: 41_000 }),
      'Skipped: its circuit was open, to be asked again after 41 s.',
    ],
    [
      candidate('skipped', { reason: 'deadline_unreachable', predictedWaitMs: 8_000 }),
      'Skipped: the wait would have been longer than the time left, about 8.0 s.',
    ],
    [candidate('displaced', { reason: 'displaced' }), 'Skipped: it gave its place to a more important request.'],
  ])('is told in words: %#', (given, expected) => {
    expect(verdictWords(given)).toBe(expected);
  });

  it('is told of a reason that is new to the page by its code', () => {
    expect(reasonWords('moon_phase', {})).toBe('moon phase');
  });
});
