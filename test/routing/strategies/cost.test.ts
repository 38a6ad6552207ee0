import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestFigures, TargetFigures } from '../../../src/routing/strategies/ordering.ts';
import { allKnown, expectAscending, FRESH, memories, order, requests } from '../../support/ordering.ts';

describe('cost', () => {
  const local = { pricing: { inputPerMillion: 0, outputPerMillion: 0 } };
  const cheapToAsk = { pricing: { inputPerMillion: 1, outputPerMillion: 10 } };
  const cheapToAnswer = { pricing: { inputPerMillion: 4, outputPerMillion: 4 } };
  const declared = { unpriced: {}, cheapToAsk, cheapToAnswer, local, alsoUnpriced: {} };

  it.each<[string, RequestFigures, string[]]>([
    ['a long prompt with a short answer', { promptTokens: 10_000, maxTokens: 10 }, ['cheapToAsk', 'cheapToAnswer']],
    ['a short prompt with a long answer', { promptTokens: 10, maxTokens: 10_000 }, ['cheapToAnswer', 'cheapToAsk']],
    // 1 × 999 + 10 × 500 = 5,999 against 4 × 999 + 4 × 500 = 5,996; at 1,001 tokens it is the other way round.
    [
      'an answer of 500 tokens when no limit is set',
      { promptTokens: 999, maxTokens: null },
      ['cheapToAnswer', 'cheapToAsk'],
    ],
    ['the same, a little longer', { promptTokens: 1_001, maxTokens: null }, ['cheapToAsk', 'cheapToAnswer']],
    ['an answer of no token', { promptTokens: 1, maxTokens: 0 }, ['cheapToAsk', 'cheapToAnswer']],
  ])('is the price of %s, free ones first and unpriced ones last', (_, request, priced) => {
    expect(order('cost', declared, FRESH, request).order).toEqual(['local', ...priced, 'unpriced', 'alsoUnpriced']);
  });

  it('is sorted by price, ties by declaration', () => {
    fc.assert(
      fc.property(allKnown, memories, requests, (targets, memory, request) => {
        const price = ({ pricing }: TargetFigures) =>
          pricing === null
            ? Number.MAX_VALUE
            : pricing.inputPerMillion * request.promptTokens + pricing.outputPerMillion * (request.maxTokens ?? 500);
        expectAscending(order('cost', targets, memory, request).order, targets, price);
      }),
    );
  });
});
