import type { HttpAnswer } from './http-answer.ts';
import { type JsonRecord, listOf, recordOf } from './json.ts';
import { errorIn } from './provider-error.ts';

/**
 * The vectors of an answer of OpenAI's embeddings, in the order of the texts, whatever order they came in.
 * @throws {BackendError} the error that it carries, or `malformed_response`
 */
export function parseOpenAIEmbeddings(json: unknown, answer: HttpAnswer, count: number): readonly Float32Array[] {
  const byIndex = new Map<unknown, unknown>();
  const items = listOf(answerIn(json, answer)['data']).map(recordOf);
  // Some servers leave the index out, and answer in order.
  for (const [position, { index = position, embedding }] of items.entries()) byIndex.set(index, embedding);
  if (items.length !== count) throw answer.malformed(`${items.length} vectors for ${count} texts`);
  return vectorsOf(
    items.map((_, index) => byIndex.get(index)),
    answer,
    count,
  );
}

/** The vectors of an answer of Ollama's `/api/embed`. @throws {BackendError} as its neighbour above */
export const parseOllamaEmbeddings = (json: unknown, answer: HttpAnswer, count: number): readonly Float32Array[] =>
  vectorsOf(listOf(answerIn(json, answer)['embeddings']), answer, count);

function answerIn(json: unknown, answer: HttpAnswer): JsonRecord {
  const word = errorIn(json);
  if (word !== null) throw answer.refusal(word);
  return recordOf(json);
}

function vectorsOf(lists: readonly unknown[], answer: HttpAnswer, count: number): readonly Float32Array[] {
  if (lists.length !== count) throw answer.malformed(`${lists.length} vectors for ${count} texts`);
  const dimensions = listOf(lists[0]).length;
  return lists.map((list) => {
    if (!Array.isArray(list) || list.length === 0 || list.length !== dimensions || !list.every(isFiniteFloat)) {
      throw answer.malformed('something that is not a vector of finite numbers, as long as the others');
    }
    return Float32Array.from(list);
  });
}

const isFiniteFloat = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(Math.fround(value));
