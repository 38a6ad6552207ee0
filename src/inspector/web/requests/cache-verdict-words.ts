import type { CacheVerdict, MissReason, NotCachedReason } from '../../../routing/cache-verdict.ts';
import type { RequestRow } from '../../protocol.ts';
import { words } from '../format.ts';

const NOT_CACHED: Readonly<Record<NotCachedReason, string>> = {
  temperature_unset: 'no temperature was given',
  temperature_high: 'its temperature is too high',
  bypassed: 'it asked for that',
  indistinct: 'it holds something that cannot be told apart from others',
};

const MISSED: Readonly<Record<MissReason, string>> = {
  nothing_stored: 'nothing of its scope is stored',
  below_threshold: 'the nearest stored prompt is not similar enough',
  vetoed: 'the guard spoke against every prompt that is similar enough',
  denied: 'the judge said that the nearest prompt asks for something else',
  unverified: 'the judge gave no clear word in time',
  exact_only: 'a request of its kind is only looked up word for word, and is not stored',
  no_embedder: 'it was looked up word for word, because there is no embedder now',
  too_long: 'it was looked up word for word, because it is longer than the embedder takes',
  embedding_failed: 'its embedding failed',
  embedding_timed_out: 'its embedding took too long',
  refreshed: 'it asked for a new answer, and nothing was looked up',
};

/** What the cache did for a request, in a word. */
export const cacheWord = (kind: NonNullable<RequestRow['cache']>): string => (kind === 'semantic' ? 'similar' : kind);

/** What the cache had to do with a request, as a sentence. */
export function cacheVerdictWords(verdict: CacheVerdict | undefined): string {
  switch (verdict?.status) {
    case undefined:
      return 'There is no cache.';
    case 'asked':
      return 'It was over while it was looked up.';
    case 'asked_only':
      return 'It wanted an answer from the cache or none, and was over while it was looked up.';
    case 'not_cached':
      return `Neither looked up nor stored: ${NOT_CACHED[verdict.reason]}.`;
    case 'miss':
      return `Missed: ${MISSED[verdict.reason]}${missDetails(verdict)}.`;
    case 'hit':
      return `Answered from the cache: ${hitWords(verdict)}.`;
    case 'shared':
      return `It shared the call ${verdict.call} of an identical request.`;
  }
}

function missDetails({ similarity, veto, call }: Extract<CacheVerdict, { status: 'miss' }>): string {
  return [
    ...(similarity === undefined ? [] : [`, similarity ${similarity.toFixed(3)}`]),
    ...(veto === undefined ? [] : [`, because of ${words(veto)}`]),
    ...(call === undefined ? [] : [`; its call ${call} was open to identical requests`]),
  ].join('');
}

function hitWords({ kind, similarity, verified }: Extract<CacheVerdict, { status: 'hit' }>): string {
  if (kind === 'exact') return 'the same prompt is stored';
  const figure = similarity === undefined ? '' : `, similarity ${similarity.toFixed(3)}`;
  return `a similar prompt is stored${figure}${verified === true ? ', and the judge said that both ask the same' : ''}`;
}
