import type { LLMRequest } from './backend.ts';
import { plainTextOf } from './request-body.ts';

/** Words with the blanks after them; joined they are the text again. */
export const tokensOf = (text: string): string[] => text.match(/\s*\S+\s*/g) ?? (text === '' ? [] : [text]);

/** A made-up answer that says so in its first word, however short it is. */
export function simulatedText(model: string, tokens: number | undefined): string {
  const words = `[simulated] This is no model's answer: the simulated provider of '${model}' made it up.`.split(' ');
  if (tokens === undefined) return words.join(' ');
  while (words.length < tokens) words.push('simulated');
  return words.slice(0, tokens).join(' ');
}

/** The length of a conversation in words, as this provider counts tokens. */
export const promptTokensOf = ({ messages }: LLMRequest): number =>
  messages.reduce((sum, message) => sum + tokensOf(plainTextOf(message)).length, 0);
