import type { Answer, StreamChunk } from '../../src/answer.ts';
import { LLMRouterError, StreamInterruptedError } from '../../src/errors.ts';
import type { LLMRouter } from '../../src/llm-router.ts';
import type { AnswerBody } from '../../src/server/answer-body.ts';
import type { ErrorBody } from '../../src/server/errors.ts';
import { ask, type Reply, runServer } from '../support/running-server.ts';
import { HANG_MS } from './config.ts';

export interface Question {
  /** Asked of this model alone. */
  readonly model?: string;
  /** The beginning of the answer, which the caller dictates; only the library's own surfaces take it. */
  readonly prefill?: string;
}

/** What a caller was told had gone wrong. */
export interface SeenError {
  /** It has one of the documented codes and says whose fault it was. */
  readonly isTyped: boolean;
  readonly code: string;
  readonly status?: number | undefined;
  readonly candidates: readonly { readonly model: string; readonly reason: string }[];
  /** The status of every call that was made, model by model. */
  readonly trace?: readonly { readonly model: string; readonly status: number | undefined }[];
  readonly partialText?: string;
}

/** What a caller got, in the same words on every surface. */
export interface Seen {
  /** The text that reached it and still stands: of a whole answer its content. */
  readonly text: string;
  /** The text that a restart made void. */
  readonly voided: string;
  /** The model of each restart. */
  readonly restarts: readonly string[];
  readonly answer: SeenAnswer | null;
  readonly error: SeenError | null;
  readonly ms: number;
}

export interface SeenAnswer {
  readonly content: string;
  readonly modelUsed: string;
  readonly usage: { readonly prompt: number; readonly completion: number } | null;
  /** The server's plain endpoint does not tell it. */
  readonly finishReason?: string | undefined;
}

/** One way to ask a router, for as long as it is open. */
export interface OpenSurface {
  ask(question: Question): Promise<Seen>;
  close(): Promise<void>;
}

export interface Surface {
  readonly name: 'generate' | 'stream' | 'server generate' | 'server stream';
  readonly streams: boolean;
  /** Whether it takes a conversation, and not only a prompt. */
  readonly takesMessages: boolean;
  open(router: LLMRouter): Promise<OpenSurface>;
}

const PROMPT = 'What is the answer?';
const NOTHING = { text: '', voided: '', restarts: [], answer: null, error: null } as const;

const inputOf = ({ prefill }: Question) =>
  prefill === undefined
    ? PROMPT
    : {
        messages: [
          { role: 'user', content: PROMPT },
          { role: 'assistant', content: prefill },
        ] as const,
      };
const optionsOf = ({ model }: Question, signal: AbortSignal) => ({ signal, ...(model !== undefined && { model }) });

/** Asks, and gives the caller's patience an end. */
async function timed(act: (signal: AbortSignal) => Promise<Omit<Seen, 'ms'>>): Promise<Seen> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(HANG_MS);
  const seen = await act(signal).catch((error: unknown) => ({ ...NOTHING, error: errorSeen(error, signal) }));
  return { ...seen, ms: performance.now() - startedAt };
}

function errorSeen(error: unknown, signal: AbortSignal): SeenError {
  if (signal.aborted) return { isTyped: false, code: `a hang of ${HANG_MS} ms`, candidates: [] };
  if (!(error instanceof LLMRouterError)) return { isTyped: false, code: String(error), candidates: [] };
  const { code, status, candidates = [], trace } = error;
  return {
    isTyped: true,
    code,
    status,
    candidates: candidates.map(({ model, reason }) => ({ model, reason })),
    trace:
      trace?.candidates.flatMap(({ model, attempts }) => attempts.map((each) => ({ model, status: each.status }))) ??
      [],
    ...(error instanceof StreamInterruptedError && { partialText: error.partialText }),
  };
}

const answerSeen = ({ content, modelUsed, usage, finishReason }: Answer): SeenAnswer => ({
  content,
  modelUsed,
  usage: usage === undefined ? null : { prompt: usage.promptTokens, completion: usage.completionTokens },
  finishReason,
});

/** Puts a stream's chunks together as its reader would. */
class Reader {
  text = '';
  voided = '';
  restarts: string[] = [];
  answer: SeenAnswer | null = null;
  error: SeenError | null = null;

  word(text: string): void {
    this.text += text;
  }

  restart(model: string): void {
    this.restarts.push(model);
    this.voided += this.text;
    this.text = '';
  }

  get seen(): Omit<Seen, 'ms'> {
    const { text, voided, restarts, answer, error } = this;
    return { text, voided, restarts, answer, error };
  }
}

function readChunk(reader: Reader, chunk: StreamChunk): void {
  if (chunk.type === 'text') reader.word(chunk.text);
  if (chunk.type === 'restart') reader.restart(chunk.model);
  if (chunk.type === 'done') reader.answer = answerSeen(chunk.answer);
}

const generate: Surface = {
  name: 'generate',
  streams: false,
  takesMessages: true,
  async open(router) {
    return {
      ask: (question) =>
        timed(async (signal) => {
          const answer = await router.generate(inputOf(question), optionsOf(question, signal));
          return { ...NOTHING, text: answer.content, answer: answerSeen(answer) };
        }),
      close: () => router.stop({ graceMs: 0 }),
    };
  },
};

const stream: Surface = {
  name: 'stream',
  streams: true,
  takesMessages: true,
  async open(router) {
    return {
      ask: (question) =>
        timed(async (signal) => {
          const reader = new Reader();
          try {
            for await (const chunk of router.stream(inputOf(question), optionsOf(question, signal))) {
              readChunk(reader, chunk);
            }
          } catch (error) {
            reader.error = errorSeen(error, signal);
          }
          return reader.seen;
        }),
      close: () => router.stop({ graceMs: 0 }),
    };
  },
};

const bodySeen = ({ content, model_used, usage }: AnswerBody): SeenAnswer => ({
  content,
  modelUsed: model_used,
  usage: usage && { prompt: usage.prompt_tokens, completion: usage.completion_tokens },
});

const errorBodySeen = ({ error: { code, candidates = [] } }: ErrorBody, status?: number): SeenError => ({
  isTyped: code !== 'internal_error',
  code,
  status,
  candidates: candidates.map(({ model, reason }) => ({ model, reason })),
});

function post(url: string, question: Question, streams: boolean, signal: AbortSignal): Promise<Reply> {
  const body = { prompt: PROMPT, stream: streams, ...(question.model !== undefined && { model: question.model }) };
  const headers = { 'content-type': 'application/json' };
  return ask(`${url}/generate`, { method: 'POST', headers, signal }, JSON.stringify(body));
}

/** Reads what the server sends when it streams; its last event says how it ended, and without one it was cut. */
function eventsSeen(text: string): Omit<Seen, 'ms'> {
  const reader = new Reader();
  for (const event of text.split('\n\n').filter((each) => each !== '')) {
    const [, type, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    const value = JSON.parse(data ?? '') as never;
    if (type === 'text') reader.word((value as { readonly text: string }).text);
    if (type === 'restart') reader.restart((value as { readonly model: string }).model);
    if (type === 'done') reader.answer = bodySeen(value);
    if (type === 'error') reader.error = errorBodySeen(value);
  }
  return reader.seen;
}

function replySeen(reply: Reply): Omit<Seen, 'ms'> {
  if (reply.status !== 200) return { ...NOTHING, error: errorBodySeen(reply.json, reply.status) };
  if (reply.headers['content-type']?.includes('event-stream')) return eventsSeen(reply.text);
  const answer = bodySeen(reply.json);
  return { ...NOTHING, text: answer.content, answer };
}

const served = (name: 'server generate' | 'server stream', streams: boolean): Surface => ({
  name,
  streams,
  takesMessages: false,
  async open(router) {
    const server = await runServer(router);
    return {
      ask: (question) =>
        timed(async (signal) => {
          try {
            return replySeen(await post(server.url, question, streams, signal));
          } catch (error) {
            return { ...NOTHING, error: errorSeen(error, signal) };
          }
        }),
      close: () => server[Symbol.asyncDispose](),
    };
  },
});

export const SURFACES: readonly Surface[] = [
  generate,
  stream,
  served('server generate', false),
  served('server stream', true),
];
