import { z } from 'zod';
import { milliseconds, parseOptions } from '../options.ts';
import type { CacheEntries } from './entries.ts';
import type { CachePurge } from './stats.ts';

const text = z.string().describe('a string').optional();
const schema = z.strictObject({ tenant: text, cacheScope: text, prompt: text, olderThanMs: milliseconds.optional() });

/** Takes the entries away for which everything holds that is given, and returns how many. @throws {ConfigurationError} */
export function purge(entries: CacheEntries, given: CachePurge): number {
  const { tenant, cacheScope, prompt, olderThanMs } = parseOptions(schema, given, 'purgeCache()');
  return entries.purge({
    olderThanMs,
    predicate: (entry) =>
      (tenant === undefined || entry.tenant === tenant) &&
      (cacheScope === undefined || entry.cacheScope === cacheScope) &&
      (prompt === undefined || entry.text === prompt),
  });
}
