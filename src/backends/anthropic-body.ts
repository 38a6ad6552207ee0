import type { ContentPart, LLMRequest, Message, ResponseFormat, Tool, ToolChoice } from './backend.ts';
import type { JsonRecord } from './json.ts';
import {
  argumentsOf,
  callersMistake,
  partsOf,
  splitSystem,
  systemTextOf,
  withProviderOptions,
} from './request-body.ts';

export interface AnthropicTarget {
  /** The model's name in the router; errors name it. */
  readonly label: string;
  readonly model: string;
  /** What is sent for a request that sets no limit, because the API demands one. */
  readonly maxTokens: number;
}

/** The body of `/v1/messages`. @throws {BackendError} 400 for what the Messages API cannot be asked */
export function anthropicBody(request: LLMRequest, target: AnthropicTarget, stream: boolean): Record<string, unknown> {
  const { temperature, maxTokens, stop, tools = [], toolChoice, responseFormat } = request;
  refuseUnsupported(request, target.label);
  const { system, rest } = splitSystem(request.messages);
  const systemText = systemTextOf(system, target.label);
  const isForced = toolChoice !== undefined && toolChoice !== 'auto' && toolChoice !== 'none';
  const body: Record<string, unknown> = {
    model: target.model,
    max_tokens: maxTokens ?? target.maxTokens,
    messages: turnsOf(rest, target.label),
    stream,
    ...(systemText !== '' && { system: systemText }),
    ...(temperature !== undefined && { temperature }),
    ...(stop !== undefined && { stop_sequences: stop }),
    ...(tools.length > 0 && { tools: tools.map(toolOf) }),
    // Without tools the API takes no choice; one that cannot be met is left for it to refuse.
    ...(toolChoice !== undefined && (tools.length > 0 || isForced) && { tool_choice: choiceOf(toolChoice) }),
    ...(typeof responseFormat === 'object' && { output_config: formatOf(responseFormat) }),
  };
  return withProviderOptions(body, request, 'output_config', ['system']);
}

function refuseUnsupported({ temperature, seed, responseFormat, messages }: LLMRequest, label: string): void {
  if (temperature !== undefined && temperature > 1) {
    throw callersMistake(
      label,
      'temperature_unsupported',
      `temperature ${temperature} is beyond Anthropic's range; accepted: 0 to 1`,
    );
  }
  if (seed !== undefined) throw callersMistake(label, 'seed_unsupported', 'Anthropic takes no seed');
  if (responseFormat === 'json') {
    throw callersMistake(
      label,
      'response_format_unsupported',
      'Anthropic answers in JSON only to a schema; accepted: text, { name, schema }',
    );
  }
  if (splitSystem(messages).rest.some(({ role }) => role === 'system')) {
    throw callersMistake(
      label,
      'system_message_unsupported',
      'a system message follows other messages; accepted: at the beginning',
    );
  }
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonRecord[];
}

/** The conversation in turns. All results of one turn's tool calls must come together, so neighbours of a role join. */
function turnsOf(messages: readonly Message[], label: string): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = blocksOf(message, label);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: blocks });
  }
  return turns;
}

function blocksOf(message: Message, label: string): JsonRecord[] {
  const { role, toolCalls = [], toolCallId } = message;
  // The API refuses empty texts, and beside other blocks they say nothing.
  const content = partsOf(message).flatMap((part) =>
    part.type === 'text' && part.text === '' ? [] : [blockOf(part, label)],
  );
  if (role === 'tool') return [{ type: 'tool_result', tool_use_id: toolCallId, content }];
  const calls = toolCalls.map(({ id, name, arguments: text }) => ({
    type: 'tool_use',
    id,
    name,
    input: argumentsOf(text, name, label),
  }));
  return [...content, ...calls];
}

function blockOf(part: ContentPart, label: string): JsonRecord {
  if (part.type === 'text') return { type: 'text', text: part.text };
  return { type: 'image', source: sourceOf(part, label) };
}

function sourceOf({ image, mediaType }: Extract<ContentPart, { type: 'image' }>, label: string): JsonRecord {
  if (/^https?:/i.test(image)) return { type: 'url', url: image };
  const data = /^data:([^,]*),(.*)$/is.exec(image);
  const [, kind = '', content = ''] = data ?? [];
  const type = mediaType ?? (/^[^;]+/.exec(kind)?.[0].trim() || undefined);
  if (type === undefined) {
    throw callersMistake(label, 'image_media_type_missing', 'an image needs its mediaType, for example image/png');
  }
  const isEncoded = data === null || /;base64$/i.test(kind);
  return {
    type: 'base64',
    media_type: type,
    data: data === null ? image : isEncoded ? content : Buffer.from(decodeURIComponent(content)).toString('base64'),
  };
}

const toolOf = ({ name, description, parameters }: Tool): JsonRecord => ({
  name,
  ...(description !== undefined && { description }),
  input_schema: parameters ?? { type: 'object' },
});

function choiceOf(choice: ToolChoice): JsonRecord {
  if (typeof choice !== 'string') return { type: 'tool', name: choice.name };
  return { type: choice === 'required' ? 'any' : choice };
}

const formatOf = (format: Exclude<ResponseFormat, string>): JsonRecord => ({
  format: { type: 'json_schema', schema: format.schema },
});
