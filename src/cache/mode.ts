/**
 * What a request wants of the cache. `use` (default): an answer from it, or one that is stored there. `bypass`: neither.
 * `refresh`: a new answer, which takes the place of the stored one. `only`: an answer from it or none.
 */
export type CacheMode = 'use' | 'bypass' | 'refresh' | 'only';

export const CACHE_MODES: readonly CacheMode[] = ['use', 'bypass', 'refresh', 'only'];
