import type { Reading } from './reading.ts';
import { isBeing, marks } from './roles.ts';
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
  const left = new Map<string, number>();
  for (const { token } of b.roles) if (isShareable(token)) left.set(token.key, (left.get(token.key) ?? 0) + 1);
  const shared: Shared[] = [];
  let between: Token[] = [];
  for (const { token, marker, between: before, isAgent } of a.roles) {
    const { key, kind } = token;
    for (const word of before) between.push(word);
    const count = left.get(key) ?? 0;
    if (count === 0 || !isShareable(token)) {
      between.push(token);
      continue;
    }
    left.set(key, count - 1);
    shared.push({ key, marker, tie: tieOf(between, token), isAgent, isNumber: kind === 'number' });
    between = [];
  }
  return shared;
}

const isShareable = ({ kind }: Token): boolean => kind !== 'frame';

function tieOf(between: readonly Token[], token: Token): Tie {
  let tie = gapTie(token.gap);
  if (tie === 'list') return tie;
  for (const word of between) {
    if (LISTING.has(word.lower)) return 'list';
    const own = gapTie(word.gap);
    if (own === 'list') return 'list';
    if (own === 'marked' || word.kind !== 'function' || marks(word) || word.lower === "'s") tie = 'marked';
    else if (tie === 'none' && isBeing(word)) tie = 'is';
  }
  return tie;
}

function gapTie(gap: string): Tie {
  if (gap === ' ') return 'none';
  if (/[,/&]/.test(gap)) return 'list';
  return /[^\s'"`-]/.test(gap) ? 'marked' : 'none';
}
