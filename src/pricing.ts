import type { Usage } from './backends/backend.ts';

/** What a million tokens cost, in one currency for all models. */
export interface Pricing {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** What an answer has cost; null: nobody knows. */
export const costOf = (usage: Usage | null | undefined, pricing: Pricing | null): number | null =>
  usage == null || pricing === null
    ? null
    : (usage.promptTokens * pricing.inputPerMillion + usage.completionTokens * pricing.outputPerMillion) / 1_000_000;
