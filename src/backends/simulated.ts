import { z } from 'zod';
import { type Clock, systemClock } from '../clock.ts';
import { BackendError } from '../errors.ts';
import { parseOptions } from '../options.ts';
import { hashSeed, nextRandom } from '../random.ts';
import type {
  Backend,
  BackendChunk,
  BackendContext,
  BackendOptions,
  EmbedContext,
  LLMRequest,
  LLMResponse,
} from './backend.ts';
import { promptTokensOf, simulatedText, tokensOf } from './simulated-text.ts';
import { simulatedVector } from './simulated-vector.ts';

const ms = z.number().min(0);
const isClock = (value: unknown): boolean =>
  ['now', 'wallNow', 'setTimeout', 'clearTimeout'].every(
    (name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function',
  );

export const simulatedOptions = z.strictObject({
  latencyMs: z
    .union([
      ms,
      z.strictObject({ min: ms, max: ms }).refine(({ min, max }) => min <= max),
      z.strictObject({ median: ms.positive(), p95: ms.positive() }).refine(({ median, p95 }) => median <= p95),
    ])
    .describe('milliseconds of 0 or more, { min, max } or { median, p95 } in ascending order')
    .default(200),
  failureRate: z.number().min(0).max(1).describe('a number from 0 to 1').default(0),
  tokensPerSecond: z.number().positive().describe('a number above 0').optional(),
  tokens: z.int().min(1).describe('an integer of 1 or more').optional(),
  seed: z.int().describe('an integer').optional(),
  answer: z
    .union([z.string(), z.custom<(prompt: string) => string>((value) => typeof value === 'function')])
    .describe('a text, or a function from the prompt to a text')
    .optional(),
  clock: z
    .custom<Clock>(isClock)
    .describe('an object with now, wallNow, setTimeout and clearTimeout')
    .default(() => systemClock),
});

/** The normal distribution's quantile of 0.95. */
const Z95 = 1.6448536269514722;

/** A provider without a model, for tests, demonstrations and rehearsals: it waits, answers and fails as it is told. */
export class SimulatedBackend implements Backend {
  readonly #name: string;
  readonly #options: z.output<typeof simulatedOptions>;
  #seed: number;

  /** @throws {ConfigurationError} */
  constructor({ name, ...given }: BackendOptions) {
    this.#name = name;
    this.#options = parseOptions(simulatedOptions, given, `addModel('${name}')`);
    this.#seed = this.#options.seed ?? hashSeed('simulated', name);
  }

  async generate(request: LLMRequest, { signal }: BackendContext): Promise<LLMResponse> {
    const { latencyMs, fails } = this.#draw();
    await this.#wait(latencyMs, signal);
    if (fails) throw this.#failure();
    const { tokens, ...end } = this.#answer(request);
    return { content: tokens.join(''), ...end };
  }

  async *stream(request: LLMRequest, { signal }: BackendContext): AsyncGenerator<BackendChunk> {
    const { clock, tokensPerSecond } = this.#options;
    const { latencyMs, fails } = this.#draw();
    await this.#wait(latencyMs, signal);
    if (fails) throw this.#failure();
    const { tokens, ...end } = this.#answer(request);
    const startedAt = clock.now();
    for (const [index, text] of tokens.entries()) {
      // Against the start, not the token before, so that the pace does not drift with a slow reader.
      const dueAt = tokensPerSecond === undefined ? startedAt : startedAt + (index * 1000) / tokensPerSecond;
      await this.#wait(dueAt - clock.now(), signal);
      yield { type: 'text', text };
    }
    yield { type: 'finish', ...end };
  }

  async embed(texts: readonly string[], { signal }: EmbedContext): Promise<readonly Float32Array[]> {
    const { latencyMs, fails } = this.#draw();
    await this.#wait(latencyMs, signal);
    if (fails) throw this.#failure();
    return texts.map(simulatedVector);
  }

  async healthCheck({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted();
    if (this.#options.failureRate === 1) throw this.#failure();
  }

  #answer(request: LLMRequest) {
    const { answer, tokens: length } = this.#options;
    const text = typeof answer === 'function' ? answer(request.prompt) : (answer ?? simulatedText(this.#name, length));
    const all = tokensOf(text);
    const tokens = all.slice(0, request.maxTokens);
    const promptTokens = promptTokensOf(request);
    return {
      tokens,
      finishReason: tokens.length < all.length ? 'length' : 'stop',
      usage: { promptTokens, completionTokens: tokens.length, totalTokens: promptTokens + tokens.length },
      raw: { simulated: true },
    };
  }

  /** All that is random about one call. Always three draws, so that one call's luck does not shift the next one's. */
  #draw(): { readonly latencyMs: number; readonly fails: boolean } {
    const [first, second, third] = [this.#random(), this.#random(), this.#random()];
    return { latencyMs: this.#latency(first, second), fails: third < this.#options.failureRate };
  }

  #latency(first: number, second: number): number {
    const { latencyMs } = this.#options;
    if (typeof latencyMs === 'number') return latencyMs;
    if ('min' in latencyMs) return latencyMs.min + first * (latencyMs.max - latencyMs.min);
    const normal = Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
    return latencyMs.median * Math.exp((Math.log(latencyMs.p95 / latencyMs.median) / Z95) * normal);
  }

  #random(): number {
    const { value, seed } = nextRandom(this.#seed);
    this.#seed = seed;
    return value;
  }

  #failure(): BackendError {
    return new BackendError(`model '${this.#name}' failed, as its failureRate asks`, {
      status: 503,
      code: 'simulated_failure',
    });
  }

  #wait(duration: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (duration <= 0) return resolve();
      const onAbort = (): void => {
        clock.clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = clock.setTimeout(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      }, duration);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
