import { wrongWithAnswer } from './answers.mjs';
import { mayAnswer, usageOf, wholeOf } from './wire-faults.mjs';

/**
 * What is wrong with an answer, or null: it is whole, of one model for this very request, and so are its figures; and
 * that model has not met the request with a fault that leaves no answer.
 */
export function wrongOnTheWire(seed, answer, record, text) {
  const { key } = record;
  const { modelUsed, usage, finishReason } = answer;
  const figures = usageOf(key, modelUsed);
  if (finishReason !== 'stop') return `its finish reason is ${finishReason}`;
  if (usage?.promptTokens !== figures.prompt || usage.completionTokens !== figures.completion) {
    return `its usage is ${JSON.stringify(usage)}, not ${JSON.stringify(figures)}`;
  }
  if (!mayAnswer(seed, modelUsed, key)) return `it cannot be of ${modelUsed}, which broke it`;
  return wrongWithAnswer(answer, record, text, wholeOf);
}

/** Calls of one request, over all models. */
const MOST_CALLS = 6;
const keyOf = ({ body }) => body.messages.find(({ role }) => role === 'user').content;

/**
 * What the provider's own log says against the router, or null.
 * @param traced calls that the traces tell of: of one that was called off early the provider may know nothing
 */
export function wrongWithLog(log, traced) {
  if (log.length > traced) return `the provider had ${log.length} calls, the traces tell of ${traced}`;
  const counts = new Map();
  for (const call of log) counts.set(keyOf(call), (counts.get(keyOf(call)) ?? 0) + 1);
  const storm = [...counts].find(([, count]) => count > MOST_CALLS);
  return storm === undefined ? null : `the provider had ${storm[1]} calls of ${storm[0]}`;
}
