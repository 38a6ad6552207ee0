import { ascending } from './ascending.ts';
import type { Ordering, RequestFigures, TargetFigures } from './ordering.ts';

/** Tokens that an answer is taken to have when its request sets no limit. */
const ASSUMED_ANSWER_TOKENS = 500;

/**
 * The cheapest for this request first, at list price: its prompt and the longest answer it allows. Which target that is
 * depends on the request, because some are cheap to ask and dear to answer. Those without a price are last.
 */
export const cost: Ordering = (targets, { request, memory }) => ({
  order: ascending(targets, (figures) => priceOf(figures, request)),
  memory,
});

/** In millionths of the currency of the prices. */
function priceOf({ pricing }: TargetFigures, { promptTokens, maxTokens }: RequestFigures): number {
  if (pricing === null) return Number.POSITIVE_INFINITY;
  return pricing.inputPerMillion * promptTokens + pricing.outputPerMillion * (maxTokens ?? ASSUMED_ANSWER_TOKENS);
}
