import { types } from 'node:util';
import { z } from 'zod';
import { parseOptions, wholeFrom } from '../../options.ts';
import { type Embedder, EmbedderGoneError, type EmbedderSource, TextTooLongError } from '../embedder.ts';
import { WaitingTexts } from './waiting-texts.ts';

/** An embedder of the user's own: a service, a model behind a backend, a function. */
export interface OwnEmbedder extends Omit<Embedder, 'embed'> {
  /** Gives `dimensions` finite numbers, not all of them 0; they are normalised. May throw a `TextTooLongError`. */
  embed(text: string, signal: AbortSignal): PromiseLike<Float32Array | readonly number[]>;
  /**
   * The text's length in the model's tokens, the marks around it included. Without it every UTF-8 byte counts as a
   * token, about four times what English has: give it where `maxTokens` is small.
   */
  countTokens?(text: string): number;
}

/** The tokens that a tokenizer puts around a text. */
const MARKS = 2;

const schema = z.looseObject({
  id: z.string().min(1).describe('a string that names model and precision'),
  dimensions: wholeFrom(1),
  maxTokens: wholeFrom(1),
  embed: z
    .custom<OwnEmbedder['embed']>((value) => typeof value === 'function')
    .describe('a function from (text, signal) to a promise of numbers'),
  countTokens: z
    .custom<NonNullable<OwnEmbedder['countTokens']>>((value) => typeof value === 'function')
    .describe('a function from a text to its number of tokens')
    .optional(),
});

/** An embedder of the user's own, checked: what it is, and every vector that it gives. @throws {ConfigurationError} */
export function ownEmbedder(given: OwnEmbedder): EmbedderSource {
  const { id, dimensions, maxTokens } = parseOptions(schema, given, 'embedder');
  const waiting = new WaitingTexts(() => {});
  let gone: EmbedderGoneError | null = null;
  const embedder: Embedder = {
    id,
    dimensions,
    maxTokens,
    async embed(text, signal) {
      signal.throwIfAborted();
      if (gone !== null) throw gone;
      refuseTooLong(given, text);
      return waiting.add(signal, (waitingId) => {
        askOwn(given, text, signal).then(
          (vector) => waiting.resolve(waitingId, vector),
          (error) => waiting.reject(waitingId, error),
        );
      });
    },
  };
  return {
    id: () => id,
    async load() {
      if (gone !== null) throw gone;
      return embedder;
    },
    async close() {
      gone ??= new EmbedderGoneError(`embedder '${id}' was closed`);
      waiting.rejectAll(gone);
    },
  };
}

/**
 * A tokenizer that knows nothing of a text falls back to its characters or bytes, one token each: only so many are sure
 * to be enough. Half as many hold for prose, but not for the keys, hashes and numbers that tell two long texts apart.
 */
function refuseTooLong(given: OwnEmbedder, text: string): void {
  const { maxTokens } = given;
  if (given.countTokens === undefined) {
    if (Buffer.byteLength(text) + MARKS > maxTokens) throw new TextTooLongError(maxTokens);
    return;
  }
  const tokens = given.countTokens(text);
  // Not `tokens > maxTokens`, which a NaN would pass.
  if (!(tokens <= maxTokens)) throw new TextTooLongError(maxTokens, tokens);
}

async function askOwn(given: OwnEmbedder, text: string, signal: AbortSignal): Promise<Float32Array> {
  const { id, dimensions } = given;
  const numbers: unknown = await given.embed(text, signal);
  if (!types.isFloat32Array(numbers) && !Array.isArray(numbers)) {
    throw new TypeError(`embedder '${id}' gave a ${typeof numbers}; accepted: a Float32Array or an array of numbers`);
  }
  if (numbers.length !== dimensions) {
    throw new RangeError(`embedder '${id}' gave ${numbers.length} numbers; accepted: ${dimensions}, its dimensions`);
  }
  return unitVector(numbers, id);
}

function unitVector(numbers: Float32Array | readonly unknown[], id: string): Float32Array {
  let squares = 0;
  for (const each of numbers) squares += typeof each === 'number' ? each * each : Number.NaN;
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length) || length === 0) {
    throw new RangeError(
      `embedder '${id}' gave a vector of length ${length}; accepted: finite numbers that are not all 0`,
    );
  }
  return Float32Array.from(numbers as ArrayLike<number>, (each) => each / length);
}
