import type { ContentPart, LLMRequest, Message } from './backend.ts';
import { isRecord, jsonOf } from './json.ts';
import { functionTool } from './openai-body.ts';
import { callersMistake, partsOf, plainTextOf, withProviderOptions } from './request-body.ts';

export interface OllamaTarget {
  /** The model's name in the router; errors name it. */
  readonly label: string;
  readonly model: string;
  readonly keepAlive: string | number | undefined;
  /** What every request sends as Ollama's `options`, the request's own on top. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The body of `/api/chat`. @throws {BackendError} 400 for what Ollama cannot be asked */
export function ollamaBody(request: LLMRequest, target: OllamaTarget, stream: boolean): Record<string, unknown> {
  const { temperature, maxTokens, stop, seed, tools, toolChoice, responseFormat } = request;
  if (toolChoice !== undefined && toolChoice !== 'auto' && toolChoice !== 'none') {
    throw callersMistake(
      target.label,
      'tool_choice_unsupported',
      'Ollama cannot be made to call a tool; accepted: auto, none',
    );
  }
  const options = {
    ...target.options,
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { num_predict: maxTokens }),
    ...(stop !== undefined && { stop }),
    ...(seed !== undefined && { seed }),
  };
  const body: Record<string, unknown> = {
    model: target.model,
    messages: request.messages.map((message) => messageOf(message, request.messages, target.label)),
    stream,
    options,
    ...(target.keepAlive !== undefined && { keep_alive: target.keepAlive }),
    ...(tools !== undefined && tools.length > 0 && toolChoice !== 'none' && { tools: tools.map(functionTool) }),
    ...(responseFormat !== undefined &&
      responseFormat !== 'text' && { format: responseFormat === 'json' ? 'json' : responseFormat.schema }),
  };
  return withProviderOptions(body, request, 'options');
}

function messageOf(message: Message, all: readonly Message[], label: string): Record<string, unknown> {
  const { role, toolCalls, toolCallId } = message;
  const images = partsOf(message).flatMap((part) => (part.type === 'image' ? [base64Of(part, label)] : []));
  // Ollama matches an answer to its call by the tool's name, not by the call's id.
  const answered = all.flatMap(({ toolCalls: calls = [] }) => calls).find(({ id }) => id === toolCallId);
  return {
    role,
    content: plainTextOf(message),
    ...(images.length > 0 && { images }),
    ...(toolCalls !== undefined && {
      tool_calls: toolCalls.map(({ name, arguments: text }) => ({
        function: { name, arguments: argumentsOf(text, name, label) },
      })),
    }),
    ...(answered !== undefined && { tool_name: answered.name }),
  };
}

function argumentsOf(text: string, tool: string, label: string): object {
  const json = text.trim() === '' ? {} : jsonOf(text);
  if (isRecord(json)) return json;
  throw callersMistake(label, 'tool_arguments_invalid', `the arguments of a call of '${tool}' are not a JSON object`);
}

function base64Of({ image }: Extract<ContentPart, { type: 'image' }>, label: string): string {
  if (/^https?:/i.test(image)) {
    throw callersMistake(
      label,
      'image_url_unsupported',
      'Ollama takes no image by URL; accepted: a data: URL or base64',
    );
  }
  const data = /^data:([^,]*),(.*)$/is.exec(image);
  if (data === null) return image;
  const [, kind = '', content = ''] = data;
  return /;base64$/i.test(kind) ? content : Buffer.from(decodeURIComponent(content)).toString('base64');
}
