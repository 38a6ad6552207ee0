/** Why a request is neither looked up nor stored. */
export type NotCachedReason =
  /** No temperature was given, so the provider's own holds, which is taken for 1. */
  | 'temperature_unset'
  /** Above `maxTemperature`. */
  | 'temperature_high'
  | 'bypassed'
  /** It holds something that cannot be told apart from others, such as a function among its options. */
  | 'indistinct';

/** Why a look-up found nothing that may be served. */
export type MissReason =
  /** Nothing of its scope is stored. */
  | 'nothing_stored'
  /** The nearest stored prompt is less similar than `similarityThreshold`. */
  | 'below_threshold'
  /** The guard spoke against every prompt that was similar enough; `veto` is its word on the nearest. */
  | 'vetoed'
  /** The judge said that the nearest asks for something else, now or before. */
  | 'denied'
  /** The judge gave no clear word in time. */
  | 'unverified'
  /** Only the exact tier was asked: more than one text, tools, images or several answers are wanted. */
  | 'exact_only'
  /** Only the exact tier was asked: there is no embedder, or not now. */
  | 'no_embedder'
  /** Only the exact tier was asked: the prompt is longer than the embedder takes whole. */
  | 'too_long'
  | 'embedding_failed'
  | 'embedding_timed_out'
  /** `cache: 'refresh'`: nothing was looked up. */
  | 'refreshed';

/** What the cache had to do with a request. Figures only: no prompt and no answer. */
export type CacheVerdict =
  | { readonly status: 'asked' }
  /** As `asked`; without an answer there it fails. */
  | { readonly status: 'asked_only' }
  | { readonly status: 'not_cached'; readonly reason: NotCachedReason }
  | {
      readonly status: 'miss';
      readonly reason: MissReason;
      /** Cosine of the nearest stored prompt, where one was found. */
      readonly similarity?: number;
      /** What the guard had against the nearest stored prompt that was similar enough. */
      readonly veto?: string;
      /** Id of the call that was made for it and for others, as the backend saw it. */
      readonly call?: string;
    }
  | {
      readonly status: 'hit';
      readonly kind: 'exact' | 'semantic';
      /** Cosine of the two prompts; absent of an exact hit. */
      readonly similarity?: number;
      /** A judge has said that both ask the same. */
      readonly verified?: true;
    }
  /** Answered, or to be answered, by the call that an identical request had begun; `call`: its id. */
  | { readonly status: 'shared'; readonly call: string };

/** Shared objects: most requests are of few kinds. */
export const ASKED: CacheVerdict = Object.freeze({ status: 'asked' });
export const ASKED_ONLY: CacheVerdict = Object.freeze({ status: 'asked_only' });
const NOT_CACHED: Readonly<Record<NotCachedReason, CacheVerdict>> = {
  temperature_unset: Object.freeze({ status: 'not_cached', reason: 'temperature_unset' }),
  temperature_high: Object.freeze({ status: 'not_cached', reason: 'temperature_high' }),
  indistinct: Object.freeze({ status: 'not_cached', reason: 'indistinct' }),
  bypassed: Object.freeze({ status: 'not_cached', reason: 'bypassed' }),
};
export const notCached = (reason: NotCachedReason): CacheVerdict => NOT_CACHED[reason];
export const REFRESHED: CacheVerdict = Object.freeze({ status: 'miss', reason: 'refreshed' });

/** Whether the cache is to be asked before the request is routed. */
export const isAsked = (verdict: CacheVerdict | null): boolean =>
  verdict?.status === 'asked' || verdict?.status === 'asked_only';
