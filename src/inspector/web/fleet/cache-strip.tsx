import type { RouterFigures } from '../../protocol.ts';
import { count, counted, share, words } from '../format.ts';
import { cacheWords } from '../words.ts';

const KINDS = [
  ['exact', 'exact'],
  ['semantic', 'similar'],
  ['shared', 'shared'],
  ['missed', 'missed'],
] as const;

/** What the cache answered in the last minute, by kind, and how it is. */
export function CacheStrip({ router }: { router: RouterFigures }) {
  const { cache, minute } = router;
  if (cache === null) return null;
  const lookedUp = KINDS.reduce((sum, [kind]) => sum + minute.cache[kind], 0);
  const said = `${counted(cache.entries, 'answer')} stored; ${cacheWords(cache.state, cache.reason)}`;
  return (
    <section class="cache" aria-label="Cache">
      <h2>
        Cache
        <span class="state" data-state={cache.state}>
          <i class="dot" />
          {words(cache.state)}
        </span>
      </h2>
      <div class="cache-bar" aria-hidden="true">
        {KINDS.map(([kind]) => (
          <i key={kind} data-kind={kind} style={{ width: `${(100 * minute.cache[kind]) / Math.max(1, lookedUp)}%` }} />
        ))}
      </div>
      <dl class="figures">
        {KINDS.map(([kind, word]) => (
          <div key={kind} data-kind={kind}>
            <dt>{word}</dt>
            <dd title={`${count(minute.cache[kind])} in the last minute`}>{share(minute.cache[kind], lookedUp)}</dd>
          </div>
        ))}
      </dl>
      <p class="cache-why cut" title={said}>
        {said}
      </p>
    </section>
  );
}
