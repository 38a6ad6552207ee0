// How the fake provider spells the answers of Anthropic's Messages API.
import { cutBody, endlessly, TEXT, TOOL, USAGE, WORDS } from './fake-protocols.mjs';

const SSE = { 'content-type': 'text/event-stream; charset=utf-8' };
const TYPES = {
  server_error: 'api_error',
  rate_limit_exceeded: 'rate_limit_error',
  context_length_exceeded: 'invalid_request_error',
  invalid_api_key: 'authentication_error',
  bad_key: 'authentication_error',
  model_not_found: 'not_found_error',
};

export const anthropic = {
  streamType: 'text/event-stream',
  malformed: 'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"half\n\n',
  event: (value) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`,
  error: (message, code) => ({ type: 'error', error: { type: TYPES[code] ?? code, message }, request_id: 'req_1' }),
  message(body, content, stop_reason, output_tokens) {
    return {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: body.model,
      content,
      stop_reason,
      stop_sequence: null,
      usage: {
        input_tokens: USAGE.prompt - 6,
        cache_creation_input_tokens: 4,
        cache_read_input_tokens: 2,
        output_tokens,
      },
    };
  },
  begin(body) {
    return this.event({ type: 'message_start', message: this.message(body, [], null, 1) });
  },
  delta(index, delta) {
    return this.event({ type: 'content_block_delta', index, delta });
  },
  block(index, content_block, deltas) {
    return [
      this.event({ type: 'content_block_start', index, content_block }),
      ...deltas.map((delta) => this.delta(index, delta)),
      this.event({ type: 'content_block_stop', index }),
    ].join('');
  },
  ending(stop_reason) {
    const usage = { input_tokens: null, output_tokens: USAGE.completion };
    const delta = { stop_reason, stop_sequence: null };
    return this.event({ type: 'message_delta', delta, usage }) + this.event({ type: 'message_stop' });
  },
  piece(_body, text) {
    return this.delta(0, { type: 'text_delta', text });
  },
  answer(body, text, thinking) {
    const content = [...(thinking ? [{ type: 'thinking', thinking, signature: 's' }] : []), { type: 'text', text }];
    return this.message(body, content, 'end_turn', USAGE.completion);
  },
  whole(body, words, reasoning = []) {
    const thoughts = [
      ...reasoning.map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: 's' },
    ];
    return [
      this.begin(body),
      this.event({ type: 'ping' }),
      ...(reasoning.length > 0 ? [this.block(0, { type: 'thinking', thinking: '', signature: '' }, thoughts)] : []),
      this.block(
        reasoning.length > 0 ? 1 : 0,
        { type: 'text', text: '' },
        words.map((text) => ({ type: 'text_delta', text })),
      ),
      this.ending('end_turn'),
    ].join('');
  },
  stream(response, body, words, reasoning) {
    response.writeHead(200, SSE);
    response.end(this.whole(body, words, reasoning));
  },
  slow(response, body) {
    response.writeHead(200, SSE);
    response.write(
      this.begin(body) +
        this.event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    );
    endlessly(response, () => response.write(this.piece(body, 'tick ')));
  },
  truncated(response, body) {
    if (body.stream !== true) return cutBody(response, this.answer(body, TEXT));
    response.writeHead(200, SSE);
    response.end(
      this.begin(body) +
        WORDS.slice(0, 3)
          .map((word) => this.piece(body, word))
          .join('') +
        this.piece(body, 'cut').slice(0, 60),
    );
  },
  /** Everything but the last event, which alone says that the answer is whole; or all of it, and the line stays open. */
  noDone(response, body, staysOpen) {
    const whole = this.whole(body, WORDS);
    response.writeHead(200, SSE);
    response.write(staysOpen ? whole : whole.slice(0, whole.indexOf('event: message_stop')));
    if (!staysOpen) response.end();
  },
  toolStream(response, body) {
    const text = JSON.stringify(TOOL.arguments);
    const start = { type: 'tool_use', id: TOOL.id, name: TOOL.name, input: {} };
    const pieces = ['', text.slice(0, 5), text.slice(5)];
    response.writeHead(200, SSE);
    response.end(
      this.begin(body) +
        this.block(
          0,
          start,
          pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
        ) +
        this.ending('tool_use'),
    );
  },
  toolAnswer(body) {
    const call = { type: 'tool_use', id: TOOL.id, name: TOOL.name, input: TOOL.arguments };
    return this.message(body, [call], 'tool_use', USAGE.completion);
  },
};
