import { z } from 'zod';
import type { CacheRow, StoredAnswer } from '../entry.ts';
import type { SavedRow } from './messages.ts';

const answerSchema = z.object({
  content: z.string(),
  reasoning: z.string().optional(),
  finishReason: z.string().optional(),
  usage: z.object({ promptTokens: z.number(), completionTokens: z.number(), totalTokens: z.number() }).optional(),
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })).optional(),
  modelUsed: z.string(),
  provider: z.string(),
});

/** Null when the answer cannot be written as JSON, or the row could not be found again by whose it is. */
export function savedRowOf(row: CacheRow): SavedRow | null {
  if (!isFaithful(row.tenant) || !isFaithful(row.cacheScope)) return null;
  try {
    const answer = JSON.stringify(row.answer);
    // Another text must not stand beside this one's vector.
    return isFaithful(row.text) ? { ...row, answer } : { ...row, answer, text: null, vector: null };
  } catch {
    return null;
  }
}

/** Whether SQLite gives it back as it was: a binding may cut it at a NUL, and half a surrogate pair has no UTF-8. */
const isFaithful = (text: string | null): boolean =>
  text === null || !(text.includes('\0') || /\p{Surrogate}/u.test(text));

/** Null when what lies there is no answer. A vector that has no direction is left out. */
export function cacheRowOf(saved: SavedRow): CacheRow | null {
  const answer = parsedAnswer(saved.answer);
  if (answer === null) return null;
  const vector = saved.vector !== null && hasDirection(saved.vector) ? saved.vector : null;
  return { ...saved, answer, vector };
}

function parsedAnswer(json: string): StoredAnswer | null {
  try {
    return answerSchema.parse(JSON.parse(json)) as StoredAnswer;
  } catch {
    return null;
  }
}

function hasDirection(vector: Float32Array): boolean {
  let squares = 0;
  // By index: an iterator takes several times as long, and a restart sees millions of them.
  for (let index = 0; index < vector.length; index++) squares += vector[index]! ** 2;
  return squares > 0 && squares < Number.POSITIVE_INFINITY;
}
