import { describe, expect, it } from 'vitest';
import { cacheVerdictWords, cacheWord } from '../../../../src/inspector/web/requests/cache-verdict-words.ts';
import type { CacheVerdict } from '../../../../src/routing/cache-verdict.ts';

describe("the cache's verdict", () => {
  it.each<[CacheVerdict | undefined, string]>([
    [undefined, 'There is no cache.'],
    [{ status: 'not_cached', reason: 'bypassed' }, 'Neither looked up nor stored: it asked for that.'],
    [
      { status: 'miss', reason: 'vetoed', similarity: 0.9414, veto: 'numbers' },
      'Missed: the guard spoke against every prompt that is similar enough, similarity 0.941, because of numbers.',
    ],
    [
      { status: 'miss', reason: 'nothing_stored', call: 'c-1' },
      'Missed: nothing of its scope is stored; its call c-1 was open to identical requests.',
    ],
    [{ status: 'hit', kind: 'exact' }, 'Answered from the cache: the same prompt is stored.'],
    [
      { status: 'hit', kind: 'semantic', similarity: 0.97, verified: true },
      'Answered from the cache: a similar prompt is stored, similarity 0.970, and the judge said that both ask the same.',
    ],
    [{ status: 'shared', call: 'c-1' }, 'It shared the call c-1 of an identical request.'],
    [{ status: 'asked' }, 'It was over while it was looked up.'],
  ])('is told in words: %#', (verdict, expected) => {
    expect(cacheVerdictWords(verdict)).toBe(expected);
  });

  it('is one word in the list', () => {
    expect((['exact', 'semantic', 'shared', 'missed'] as const).map(cacheWord)).toEqual([
      'exact',
      'similar',
      'shared',
      'missed',
    ]);
  });
});
