import type { Reading } from './reading.ts';
import { isBeing, marks, type Role } from './roles.ts';
import type { Token } from './tokens.ts';

/** How a word is tied to the one before it: `list` by and, or, a comma; `is` by a verb of being; `marked` otherwise. */
export type Tie = 'none' | 'list' | 'is' | 'marked';

/** A word that two texts share, and the part it plays in one of them. */
export interface Shared {
  readonly key: string;
  readonly marker: string | null;
  readonly tie: Tie;
  readonly isAgent: boolean;
  readonly isNumber: boolean;
}

const LISTING = new Set('and or nor vs versus'.split(' '));

/** The words that both texts have, in the order of the first, each as often as both have it; not those that only ask. */
export function sharedRoles(a: Reading, b: Reading): Shared[] {
  const left = new Map(b.counts);
  const shared: Shared[] = [];
  let between: Token[] = [];
  for (const { token, marker, between: before, isAgent } of a.roles) {
    const { key, kind } = token;
    between.push(...before);
    const count = left.get(key) ?? 0;
    if (count === 0 || kind === 'frame') {
      between.push(token);
      continue;
    }
    left.set(key, count - 1);
    shared.push({ key, marker, tie: tieOf(between, token), isAgent, isNumber: kind === 'number' });
    between = [];
  }
  return shared;
}

function tieOf(between: readonly Token[], { gap }: Token): Tie {
  const gaps = [...between.map((token) => token.gap), gap].join('');
  if (/[,/&]/.test(gaps) || between.some(({ lower }) => LISTING.has(lower))) return 'list';
  if (/[^\s'"`-]/.test(gaps)) return 'marked';
  if (between.some((token) => token.kind !== 'function' || marks(token) || token.lower === "'s")) return 'marked';
  return between.some(isBeing) ? 'is' : 'none';
}
