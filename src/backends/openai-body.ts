import type { ContentPart, LLMRequest, Message, ResponseFormat, Tool, ToolChoice } from './backend.ts';
import { callersMistake, partsOf, plainTextOf, withProviderOptions } from './request-body.ts';

export interface OpenAITarget {
  /** The model's name in the router; errors name it. */
  readonly label: string;
  readonly model: string;
  /** OpenAI itself has renamed `max_tokens`; the compatible servers mostly know only the old name. */
  readonly maxTokensField: 'max_completion_tokens' | 'max_tokens';
}

/** The body of a chat completion. @throws {BackendError} 400 for an image without its media type */
export function openAIBody(request: LLMRequest, target: OpenAITarget, stream: boolean): Record<string, unknown> {
  const { temperature, maxTokens, stop, seed, tools, toolChoice, responseFormat } = request;
  const body: Record<string, unknown> = {
    model: target.model,
    messages: request.messages.map((message) => messageOf(message, target.label)),
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { [target.maxTokensField]: maxTokens }),
    ...(stop !== undefined && { stop }),
    ...(seed !== undefined && { seed }),
    ...(tools !== undefined && tools.length > 0 && { tools: tools.map(functionTool) }),
    ...(toolChoice !== undefined && { tool_choice: choiceOf(toolChoice) }),
    ...(responseFormat !== undefined && { response_format: formatOf(responseFormat) }),
  };
  return withProviderOptions(body, request, 'stream_options');
}

function messageOf(message: Message, label: string): Record<string, unknown> {
  const { role, toolCalls, toolCallId } = message;
  const parts = partsOf(message);
  const hasImages = parts.some(({ type }) => type === 'image');
  const content = hasImages ? parts.map((part) => partOf(part, label)) : plainTextOf(message);
  return {
    role,
    content: content === '' && toolCalls !== undefined ? null : content,
    ...(toolCalls !== undefined && {
      tool_calls: toolCalls.map(({ id, name, arguments: text }) => ({
        id,
        type: 'function',
        function: { name, arguments: text },
      })),
    }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
  };
}

function partOf(part: ContentPart, label: string): Record<string, unknown> {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (/^(https?|data):/i.test(part.image)) return { type: 'image_url', image_url: { url: part.image } };
  if (part.mediaType === undefined) {
    throw callersMistake(
      label,
      'image_media_type_missing',
      'an image in base64 needs its mediaType, for example image/png',
    );
  }
  return { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.image}` } };
}

/** A tool as both protocols spell it. */
export const functionTool = ({ name, description, parameters }: Tool): Record<string, unknown> => ({
  type: 'function',
  function: {
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
  },
});

const choiceOf = (choice: ToolChoice): unknown =>
  typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };

function formatOf(format: ResponseFormat): Record<string, unknown> {
  if (format === 'text') return { type: 'text' };
  if (format === 'json') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: { name: format.name, schema: format.schema } };
}
