import type { PolicyEvent } from '../policy-events.ts';

/** Paths that are tried at most: each is a run of a router. */
const MAX_TRIES = 200;

/**
 * A shorter path that still fails: drops steps, at first many in a row, then fewer, the latest first, for as long as some
 * can be dropped.
 * @param failingPart the part of a path up to where it fails; null: it does not, or cannot happen
 */
export async function shorten(
  path: readonly PolicyEvent[],
  failingPart: (path: readonly PolicyEvent[]) => Promise<readonly PolicyEvent[] | null>,
): Promise<readonly PolicyEvent[]> {
  let shortest = path;
  let tries = 0;
  for (let size = path.length >> 1; size >= 1; ) {
    const length = shortest.length;
    for (let from = length - size; from >= 0 && tries < MAX_TRIES; from--) {
      if (from + size > shortest.length) continue;
      tries++;
      shortest = (await failingPart(without(shortest, from, size))) ?? shortest;
    }
    // One at a time for as long as that helps.
    if (size > 1) size >>= 1;
    else if (shortest.length === length) break;
  }
  return shortest;
}

/** The path without some steps; without a request also without all that becomes of it, and later ones get its number. */
export function without(path: readonly PolicyEvent[], from: number, count = 1): readonly PolicyEvent[] {
  const names = new Map<string, string>();
  let made = 0;
  let left = 0;
  for (const [index, { type }] of path.entries()) {
    if (type !== 'request') continue;
    made++;
    if (index < from || index >= from + count) names.set(`r${made}`, `r${++left}`);
  }
  return path.toSpliced(from, count).flatMap((event): readonly PolicyEvent[] => {
    if (!('request' in event)) return [event];
    const request = names.get(event.request);
    return request === undefined ? [] : [{ ...event, request }];
  });
}
