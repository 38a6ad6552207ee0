import type { CacheVerdict } from '../../../routing/cache-verdict.ts';
import { words } from '../format.ts';
import { cacheWord } from './cache-verdict-words.ts';
import type { Tone } from './tone.ts';

/** What router and cache said to each other about a request. */
export interface CacheTalk {
  /** null: the request was over before it came. */
  readonly reply: string | null;
  /** With the reply the request was over. */
  readonly settles: boolean;
  readonly tone: Tone;
}

/** What it said of a request that was served, or was not; null: the cache was not asked. */
export function cacheTalk(verdict: CacheVerdict | undefined, isServed: boolean): CacheTalk | null {
  switch (verdict?.status) {
    case 'asked':
    case 'asked_only':
      return { reply: null, settles: false, tone: 'neutral' };
    case 'hit':
      return { reply: `hit, ${cacheWord(verdict.kind)}`, settles: true, tone: 'good' };
    case 'shared':
      return isServed
        ? { reply: 'answered by the call of an identical request', settles: true, tone: 'good' }
        : { reply: 'shares the call of an identical request', settles: false, tone: 'neutral' };
    case 'miss':
      if (verdict.reason === 'refreshed') return null;
      return { reply: `missed: ${words(verdict.reason)}`, settles: false, tone: 'neutral' };
    default:
      return null;
  }
}
