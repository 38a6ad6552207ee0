import type { Token } from './tokens.ts';

/** The part that a word plays in a text; words of grammar play none, they give the parts. */
export interface Role {
  readonly token: Token;
  /** The word of grammar that governs it, "from" in "from the old server"; null: none does. */
  readonly marker: string | null;
  /** The words of grammar between it and the one before. */
  readonly between: readonly Token[];
  /** It does what a passive verb says: "by the dog". */
  readonly isAgent: boolean;
}

/** What governs a word, each with the name it goes by. */
const MARKERS: ReadonlyMap<string, string> = new Map([
  ...'of in on at to from by for with without about over under between among through during before after above below behind beside near across against upon within per via like unlike than as if because while until since then given'
    .split(' ')
    .map((word) => [word, word] as const),
  ['into', 'to'],
  ['toward', 'to'],
  ['towards', 'to'],
  ['onto', 'on'],
  ['inside', 'in'],
]);
const BEING = new Set('is are was were be been being am'.split(' '));
const PARTICIPLE = /(?:ed|en|wn|un|ung|ade|old|ent|ilt|ught)$/;

export const marks = ({ lower }: Token): boolean => MARKERS.has(lower);
export const isBeing = ({ lower }: Token): boolean => BEING.has(lower);

/** @param negators the places of the tokens that say no */
export function rolesOf(tokens: readonly Token[], negators: ReadonlySet<number>): Role[] {
  const roles: Role[] = [];
  let between: Token[] = [];
  let marker: string | null = null;
  let isPassive = false;
  tokens.forEach((token, at) => {
    const { kind, lower, gap } = token;
    // A mark of punctuation ends what a word governs, and so does "which": "in which year".
    if ((gap !== ' ' && /[^\s'"`-]/.test(gap)) || lower === 'which' || lower === 'what') marker = null;
    const denies = negators.has(at);
    if (denies) marker = 'not';
    else if (kind === 'function') marker = MARKERS.get(lower) ?? marker;
    if (lower === 'by') isPassive = PARTICIPLE.test(tokens[at - 1]?.lower ?? '');
    if (kind === 'function') {
      between.push(token);
      return;
    }
    roles.push({ token, marker, between, isAgent: marker === 'by' && isPassive });
    between = [];
    marker = denies ? 'not' : null;
  });
  return roles;
}
