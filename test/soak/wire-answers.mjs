import { wrongWithAnswer } from './answers.mjs';
import { usageOf, voiceOf, wholeOf } from './wire-faults.mjs';

/** What is wrong with an answer, or null: it is whole, of one model for this very request, and so are its figures. */
export function wrongOnTheWire(answer, record, text) {
  const { key } = record;
  const { modelUsed, usage, finishReason } = answer;
  const figures = usageOf(key, modelUsed);
  if (finishReason !== 'stop') return `its finish reason is ${finishReason}`;
  if (usage?.promptTokens !== figures.prompt || usage.completionTokens !== figures.completion) {
    return `its usage is ${JSON.stringify(usage)}, not ${JSON.stringify(figures)}`;
  }
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
  const open = log.find(({ closed }) => !closed);
  if (open !== undefined) return `the call of ${voiceOf(open.model, keyOf(open))} is still open`;
  if (log.length > traced) return `the provider had ${log.length} calls, the traces tell of ${traced}`;
  const counts = new Map();
  for (const call of log) counts.set(keyOf(call), (counts.get(keyOf(call)) ?? 0) + 1);
  const storm = [...counts].find(([, count]) => count > MOST_CALLS);
  return storm === undefined ? null : `the provider had ${storm[1]} calls of ${storm[0]}`;
}
