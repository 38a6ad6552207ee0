import { describe, expect, it } from 'vitest';
import type { Mark } from '../../../../src/inspector/protocol.ts';
import { wordAt } from '../../../../src/inspector/web/timeline/word-at.ts';
import { changed } from './figures.ts';

const limit = (at: number, kind: 'limit_began' | 'limit_ended'): Mark =>
  kind === 'limit_ended'
    ? { n: at, at, kind, model: 'a' }
    : { n: at, at, kind, model: 'a', requestId: 'r', forMs: 9, strikes: 1 };
const PAUSED: Mark = { n: 9_000, at: 9_000, kind: 'control', model: 'a', from: 'active', to: 'paused' };

describe('the state of a lane at a time', () => {
  it.each([
    [1_500, 'closed'],
    [2_000, 'open'],
    [4_000, 'half_open'],
    [6_500, 'rate limited'],
    [8_000, 'half_open'],
    [9_500, 'paused'],
  ])('is at %i what held then: %s', (at, word) => {
    const marks = [
      changed(2_000, 'closed', 'open'),
      changed(4_000, 'open', 'half_open'),
      limit(6_000, 'limit_began'),
      limit(7_000, 'limit_ended'),
      PAUSED,
    ];
    const present = { breaker: 'half_open', control: 'paused', isLimited: false, maxDepth: 9 } as const;
    expect(wordAt({ marks, samples: [], since: 1_000, present }, at)?.word).toBe(word);
  });

  it('is not known of a time before anything was', () => {
    const present = { breaker: 'open', control: 'active', isLimited: false, maxDepth: 9 } as const;
    expect(wordAt({ marks: [], samples: [], since: 1_000, present }, 500)).toBeNull();
  });

  it("is the cache's own in its lane", () => {
    const ready: Mark = { n: 1, at: 70, kind: 'cache', model: null, from: 'warming', to: 'ready', reason: null };
    const lane = { marks: [ready], samples: [], since: 0, present: { cache: 'ready' } } as const;
    expect([wordAt(lane, 60)?.word, wordAt(lane, 80)?.word]).toEqual(['warming', 'ready']);
  });
});
