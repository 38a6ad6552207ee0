import type { BackendChunk, LLMResponse } from './backend.ts';

/** The whole answer as the chunks of a stream, for servers that answer a stream's request in one piece. */
export function* chunksOf({
  content,
  reasoning,
  toolCalls = [],
  finishReason,
  usage,
  raw,
}: LLMResponse): Generator<BackendChunk> {
  if (reasoning !== undefined) yield { type: 'reasoning', text: reasoning };
  if (content !== '') yield { type: 'text', text: content };
  for (const [index, call] of toolCalls.entries()) yield { type: 'tool_call', index, ...call };
  yield {
    type: 'finish',
    ...(finishReason !== undefined && { finishReason }),
    ...(usage !== undefined && { usage }),
    ...(raw !== undefined && { raw }),
  };
}
