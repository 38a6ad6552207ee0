import type { LLMResponse } from '../backends/backend.ts';
import type { StoredAnswer } from './entry.ts';

type Parts = Pick<LLMResponse, 'content' | 'reasoning' | 'finishReason' | 'usage' | 'toolCalls'>;

/** What several callers get of one answer: each its own, so that what one changes the others do not see. */
export const copyOfResponse = ({ content, reasoning, finishReason, usage, toolCalls }: Parts): LLMResponse => ({
  content,
  ...(reasoning !== undefined && { reasoning }),
  ...(finishReason !== undefined && { finishReason }),
  ...(usage !== undefined && { usage: { ...usage } }),
  ...(toolCalls !== undefined && toolCalls.length > 0 && { toolCalls: toolCalls.map((call) => ({ ...call })) }),
});

/** What is kept of an answer. */
export const storedAnswerOf = ({
  modelUsed,
  provider,
  ...answer
}: Parts & Pick<StoredAnswer, 'modelUsed' | 'provider'>): StoredAnswer => {
  const { success: _, raw: __, ...parts } = copyOfResponse(answer);
  return { ...parts, modelUsed, provider };
};
