import type { ContentPart, LLMRequest, Message } from './backend.ts';
import { functionTool } from './openai-body.ts';
import {
  argumentsOf,
  callersMistake,
  partsOf,
  plainTextOf,
  splitSystem,
  systemTextOf,
  withProviderOptions,
} from './request-body.ts';

export interface OllamaTarget {
  /** The model's name in the router; errors name it. */
  readonly label: string;
  readonly model: string;
  readonly keepAlive: string | number | undefined;
  /** What every request sends as Ollama's `options`, the request's own on top. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The body of `/api/chat`. @throws {BackendError} 400 for what Ollama cannot be asked */
export function chatBody(request: LLMRequest, target: OllamaTarget, stream: boolean): Record<string, unknown> {
  refuseForcedTool(request, target.label);
  const { messages, tools = [], toolChoice } = request;
  const body = {
    ...commonBody(request, target, stream),
    messages: messages.map((message) => messageOf(message, messages, target.label)),
    ...(tools.length > 0 && toolChoice !== 'none' && { tools: tools.map(functionTool) }),
  };
  return withProviderOptions(body, request, 'options');
}

/**
 * The body of `/api/generate`, which knows one prompt and one system text.
 * @throws {BackendError} 400 for a conversation or tools, which it could only be told by making up a transcript
 */
export function generateBody(request: LLMRequest, target: OllamaTarget, stream: boolean): Record<string, unknown> {
  refuseForcedTool(request, target.label);
  const { messages, tools = [], toolChoice } = request;
  if (tools.length > 0 && toolChoice !== 'none') {
    throw callersMistake(target.label, 'tools_unsupported', "Ollama's generate takes no tools; use api: 'chat'");
  }
  const { system, rest } = splitSystem(messages);
  const [message, ...others] = rest;
  if (message?.role !== 'user' || others.length > 0) {
    throw callersMistake(
      target.label,
      'conversation_unsupported',
      "Ollama's generate takes one user message, after system messages; use api: 'chat'",
    );
  }
  const systemText = systemTextOf(system, target.label);
  const body = {
    ...commonBody(request, target, stream),
    prompt: plainTextOf(message),
    ...(systemText !== '' && { system: systemText }),
    ...imagesOf(message, target.label),
  };
  return withProviderOptions(body, request, 'options', ['prompt', 'system']);
}

/** The body of `/api/embed`. A text that is too long is refused: a vector of its beginning would be another text's too. */
export function embedBody(texts: readonly string[], target: OllamaTarget): Record<string, unknown> {
  const { model, options, keepAlive } = target;
  return {
    model,
    input: texts,
    truncate: false,
    options,
    ...(keepAlive !== undefined && { keep_alive: keepAlive }),
  };
}

function refuseForcedTool({ toolChoice }: LLMRequest, label: string): void {
  if (toolChoice === undefined || toolChoice === 'auto' || toolChoice === 'none') return;
  throw callersMistake(label, 'tool_choice_unsupported', 'Ollama cannot be made to call a tool; accepted: auto, none');
}

function commonBody(request: LLMRequest, target: OllamaTarget, stream: boolean): Record<string, unknown> {
  const { temperature, maxTokens, stop, seed, responseFormat } = request;
  const options = {
    ...target.options,
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { num_predict: maxTokens }),
    ...(stop !== undefined && { stop }),
    ...(seed !== undefined && { seed }),
  };
  return {
    model: target.model,
    stream,
    options,
    ...(target.keepAlive !== undefined && { keep_alive: target.keepAlive }),
    ...(responseFormat !== undefined &&
      responseFormat !== 'text' && { format: responseFormat === 'json' ? 'json' : responseFormat.schema }),
  };
}

function messageOf(message: Message, all: readonly Message[], label: string): Record<string, unknown> {
  const { role, toolCalls, toolCallId } = message;
  // Ollama matches an answer to its call by the tool's name, not by the call's id.
  const answered = all.flatMap(({ toolCalls: calls = [] }) => calls).find(({ id }) => id === toolCallId);
  return {
    role,
    content: plainTextOf(message),
    ...imagesOf(message, label),
    ...(toolCalls !== undefined && {
      tool_calls: toolCalls.map(({ name, arguments: text }) => ({
        function: { name, arguments: argumentsOf(text, name, label) },
      })),
    }),
    ...(answered !== undefined && { tool_name: answered.name }),
  };
}

function imagesOf(message: Message, label: string): { images?: string[] } {
  const images = partsOf(message).flatMap((part) => (part.type === 'image' ? [base64Of(part, label)] : []));
  return images.length > 0 ? { images } : {};
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
