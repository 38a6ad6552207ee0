import type { BackendChunk, LLMResponse, ToolCall } from './backends/backend.ts';
import { BackendError } from './errors.ts';

/**
 * A backend's answer as a plain object, read once: what a backend hands over may be anything.
 * @throws {BackendError} when it is no answer
 */
export function readResponse(given: unknown): LLMResponse {
  const response = (given ?? {}) as LLMResponse;
  const { content, success, error, toolCalls, usage, finishReason, reasoning, raw } = response;
  if (success === false) {
    throw new BackendError(error ?? 'the backend reported a failure', { code: 'backend_failure' });
  }
  const hasToolCalls = Array.isArray(toolCalls) && toolCalls.length > 0;
  if (typeof content !== 'string' && !hasToolCalls) throw malformed('an answer without content');
  return { content: content ?? '', toolCalls, usage, finishReason, reasoning, raw } as LLMResponse;
}

const malformed = (what: string): BackendError =>
  new BackendError(`the backend gave ${what}`, { code: 'malformed_response' });

/** The pieces of a stream, put together. */
export class JoinedAnswer {
  #text = '';
  #reasoning = '';
  /** By their position in the answer, which a provider may number as it likes. */
  readonly #toolCalls = new Map<number, { id: string; name: string; arguments: string }>();
  #finish: Extract<BackendChunk, { type: 'finish' }> | undefined;
  #pieces = 0;

  /** Whether the chunk is content for the reader. @throws {BackendError} when it is no chunk */
  add(chunk: BackendChunk): boolean {
    switch (chunk?.type) {
      case 'text':
      case 'reasoning':
        if (typeof chunk.text !== 'string') throw malformed('a piece of text that is none');
        if (chunk.type === 'text') this.#text += chunk.text;
        else this.#reasoning += chunk.text;
        if (chunk.text === '') return false;
        break;
      case 'tool_call':
        this.#addToolCall(chunk);
        break;
      case 'finish':
        this.#finish = chunk;
        return false;
      default:
        throw malformed('a piece of an unknown type');
    }
    this.#pieces++;
    return true;
  }

  #addToolCall({ index, id, name, arguments: piece }: Extract<BackendChunk, { type: 'tool_call' }>): void {
    if (!Number.isInteger(index) || index < 0) throw malformed('a tool call without its index');
    const call = this.#toolCalls.get(index) ?? { id: '', name: '', arguments: '' };
    this.#toolCalls.set(index, call);
    call.id ||= id ?? '';
    call.name ||= name ?? '';
    call.arguments += piece ?? '';
  }

  /** The piece that was added last is the first. */
  get isFirst(): boolean {
    return this.#pieces === 1;
  }

  /** The text so far. */
  get text(): string {
    return this.#text;
  }

  response(): LLMResponse {
    const toolCalls: ToolCall[] = [...this.#toolCalls]
      .sort(([a], [b]) => a - b)
      .map(([, call], index) => ({ ...call, id: call.id || `call_${index}` }));
    const { finishReason, usage, raw } = this.#finish ?? {};
    return {
      content: this.#text,
      ...(toolCalls.length > 0 && { toolCalls }),
      ...(this.#reasoning !== '' && { reasoning: this.#reasoning }),
      ...(finishReason !== undefined && { finishReason }),
      ...(usage !== undefined && { usage }),
      ...(raw !== undefined && { raw }),
    };
  }
}
