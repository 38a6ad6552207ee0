import { hasOtherCode } from './code.ts';
import { narrowsMore, saysMore } from './extra.ts';
import { isSameText } from './lexemes.ts';
import { namesOther } from './names.ts';
import { isNegated } from './negation.ts';
import { hasOtherNumbers } from './numbers.ts';
import { hasOpposites } from './opposites.ts';
import { isReordered } from './order.ts';
import { type Pair, pairOf } from './pair.ts';
import { asksOther } from './question.ts';
import { quotesOther } from './quoted.ts';
import { readingOf } from './read.ts';
import { isSwapped } from './swap.ts';
import { hasOtherTimes } from './time.ts';
import { hasOtherUnits } from './units.ts';

/**
 * How much two prompts must have in common, beside their vectors, to share an answer.
 *
 * - `off`: nothing.
 * - `core`: numbers, negation, opposites, quotations, times, units and code.
 * - `standard` (the default): also names, what is asked for, the order of words, and no word of content in another's
 *   stead. In languages other than English, where little can be told, no word of content more on either side.
 * - `strict`: no word of content more on either side, in any language. Costs many true hits.
 */
export const GUARD_LEVELS = ['off', 'core', 'standard', 'strict'] as const;

export type GuardLevel = (typeof GUARD_LEVELS)[number];

/**
 * Why two prompts must not share an answer.
 *
 * - `code`: operators, escapes, options, paths or what stands in backticks.
 * - `quoted`: one quotes what the other does not hold.
 * - `numbers`: other numbers, however they are written.
 * - `units`: another unit or currency.
 * - `time`: another day, month, season or time of day; last for next; what was for what will be.
 * - `negation`: one says no where the other does not.
 * - `antonyms`: a word and its opposite.
 * - `entities`: a name, product, acronym, identifier or file that only one of them has.
 * - `question`: when for why, who for how many, how to for whether.
 * - `order`: the same words in other roles: from X to Y, from Y to X.
 * - `swap`: a word of content in another's stead.
 * - `extra`: a word of content that only one of them has.
 */
export type GuardReason = (typeof RULES)[number]['reason'];

interface Rule {
  readonly reason: string;
  /** The first level at which it counts. */
  readonly level: GuardLevel;
  readonly forbids: (pair: Pair) => boolean;
}

const RULES = [
  { reason: 'code', level: 'core', forbids: hasOtherCode },
  { reason: 'quoted', level: 'core', forbids: quotesOther },
  { reason: 'numbers', level: 'core', forbids: hasOtherNumbers },
  { reason: 'units', level: 'core', forbids: hasOtherUnits },
  { reason: 'time', level: 'core', forbids: hasOtherTimes },
  { reason: 'negation', level: 'core', forbids: isNegated },
  { reason: 'antonyms', level: 'core', forbids: hasOpposites },
  { reason: 'entities', level: 'standard', forbids: namesOther },
  { reason: 'question', level: 'standard', forbids: asksOther },
  { reason: 'order', level: 'standard', forbids: isReordered },
  { reason: 'swap', level: 'standard', forbids: isSwapped },
  { reason: 'extra', level: 'standard', forbids: narrowsMore },
  { reason: 'extra', level: 'strict', forbids: saysMore },
] as const satisfies readonly Rule[];

/**
 * Why two prompts must not share an answer; null: nothing speaks against it. Symmetric, and never more lenient at a
 * stricter level. Prompts that differ only in case, white space and what ends them pass, but for code, where case can
 * carry meaning. Made for English; no text makes it throw.
 */
export function veto(asked: string, stored: string, level: GuardLevel): GuardReason | null {
  if (level === 'off' || asked === stored) return null;
  const pair = pairOf(readingOf(asked), readingOf(stored));
  if (isSameText(pair.a.lower, pair.b.lower)) return hasOtherCode(pair) ? 'code' : null;
  const upTo = GUARD_LEVELS.indexOf(level);
  for (const rule of RULES) {
    if (GUARD_LEVELS.indexOf(rule.level) <= upTo && rule.forbids(pair)) return rule.reason;
  }
  return null;
}
