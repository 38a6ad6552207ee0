// How the fake provider spells its answers: OpenAI's server-sent events, also as Azure sends them, and the lines of JSON
// of Ollama's two calls.
export const WORDS = ['The', ' answer', ' is', ' för', 'ty', '-two', ' 🙂.'];
export const TEXT = WORDS.join('');
export const REASONING = ['Let me', ' think.'];
export const TOOL = { id: 'call_7', name: 'get_weather', arguments: { city: 'Köln' } };
export const USAGE = { prompt: 11, completion: 7 };
/** Pace of a `slow` stream, which goes on until its reader leaves. */
const SLOW_MS = 20;

export const openai = {
  streamType: 'text/event-stream',
  malformed: 'data: {"choices":[{"delta":{"content":"half\n\n',
  event: (value) => `data: ${JSON.stringify(value)}\n\n`,
  error: (message, code) => ({ error: { message, type: 'invalid_request_error', param: null, code } }),
  figures: USAGE,
  get usage() {
    const { prompt, completion } = this.figures;
    return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  },
  chunk(body, delta, finish_reason = null) {
    return this.event({
      id: 'c',
      object: 'chat.completion.chunk',
      model: body.model,
      usage: null,
      choices: [{ index: 0, delta, finish_reason }],
    });
  },
  piece(body, content) {
    return this.chunk(body, { content });
  },
  ending(body, finish_reason) {
    const usage =
      body.stream_options?.include_usage === true ? this.event({ id: 'c', choices: [], usage: this.usage }) : '';
    return this.chunk(body, {}, finish_reason) + usage;
  },
  answer(body, content, reasoning_content) {
    return this.completion(
      body,
      { role: 'assistant', content, ...(reasoning_content && { reasoning_content }) },
      'stop',
    );
  },
  completion(body, message, finish_reason) {
    return {
      id: 'c',
      object: 'chat.completion',
      model: body.model,
      choices: [{ index: 0, message, finish_reason }],
      usage: this.usage,
    };
  },
  whole(body, words, reasoning = []) {
    return [
      ': hello\n\n',
      this.chunk(body, { role: 'assistant', content: '' }),
      ...reasoning.map((reasoning_content) => this.chunk(body, { reasoning_content })),
      ...words.map((word) => this.piece(body, word)),
      this.ending(body, 'stop'),
      'data: [DONE]\n\n',
    ].join('');
  },
  stream(response, body, words, reasoning) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(this.whole(body, words, reasoning));
  },
  slow(response, body) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    endlessly(response, () => response.write(this.piece(body, 'tick ')));
  },
  truncated(response, body) {
    if (body.stream !== true) return cutBody(response, this.answer(body, TEXT));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      WORDS.slice(0, 3)
        .map((word) => this.piece(body, word))
        .join('') + this.piece(body, 'cut').slice(0, 30),
    );
  },
  noDone(response, body, staysOpen) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(WORDS.map((word) => this.piece(body, word)).join(''));
    response.write(staysOpen ? this.chunk(body, {}, 'stop') : this.ending(body, 'stop'));
    if (!staysOpen) response.end();
  },
  toolStream(response, body) {
    const text = JSON.stringify(TOOL.arguments);
    const call = (fields) => this.chunk(body, { tool_calls: [{ index: 0, ...fields }] });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      call({ id: TOOL.id, type: 'function', function: { name: TOOL.name, arguments: '' } }) +
        call({ function: { arguments: text.slice(0, 5) } }) +
        call({ function: { arguments: text.slice(5) } }) +
        this.ending(body, 'tool_calls') +
        'data: [DONE]\n\n',
    );
  },
  toolAnswer(body) {
    const call = {
      id: TOOL.id,
      type: 'function',
      function: { name: TOOL.name, arguments: JSON.stringify(TOOL.arguments) },
    };
    return this.completion(body, { role: 'assistant', content: null, tool_calls: [call] }, 'tool_calls');
  },
};

export const ollama = {
  streamType: 'application/x-ndjson',
  malformed: '{"message":{"content":"half\n{"done":true}\n',
  event: (value) => `${JSON.stringify(value)}\n`,
  figures: USAGE,
  error: (message) => ({ error: message }),
  piece(body, content) {
    return this.event({ model: body.model, message: { role: 'assistant', content }, done: false });
  },
  end(body, message = { role: 'assistant', content: '' }) {
    return {
      model: body.model,
      message,
      done: true,
      done_reason: 'stop',
      prompt_eval_count: this.figures.prompt,
      eval_count: this.figures.completion,
    };
  },
  answer(body, content, thinking) {
    return this.end(body, { role: 'assistant', content, ...(thinking && { thinking }) });
  },
  whole(body, words, reasoning = []) {
    return [
      ...reasoning.map((thinking) =>
        this.event({ message: { role: 'assistant', content: '', thinking }, done: false }),
      ),
      ...words.map((word) => this.piece(body, word)),
      this.event(this.end(body)),
    ].join('');
  },
  stream(response, body, words, reasoning) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.end(this.whole(body, words, reasoning));
  },
  slow(response, body) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    endlessly(response, () => response.write(this.piece(body, 'tick ')));
  },
  truncated(response, body) {
    if (body.stream !== true) return cutBody(response, this.answer(body, TEXT));
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.end(
      WORDS.slice(0, 3)
        .map((word) => this.piece(body, word))
        .join('') + this.piece(body, 'cut').slice(0, 30),
    );
  },
  /** Ollama's last line is its `done`; what can be missing is the end of the connection. */
  noDone(response, body, staysOpen) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write(this.whole(body, WORDS).trimEnd() + (staysOpen ? '\n' : ''));
    if (!staysOpen) response.end();
  },
  toolStream(response, body) {
    const call = { function: { name: TOOL.name, arguments: TOOL.arguments } };
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.end(
      this.event({ message: { role: 'assistant', content: '', tool_calls: [call] }, done: false }) +
        this.event(this.end(body)),
    );
  },
  toolAnswer(body) {
    return this.end(body, {
      role: 'assistant',
      content: '',
      tool_calls: [{ function: { name: TOOL.name, arguments: TOOL.arguments } }],
    });
  },
};

/** OpenAI's protocol as Azure serves it: what its content filter found, and codes of its own. */
export const azure = {
  ...openai,
  rateLimit: { 'retry-after': '2', 'retry-after-ms': '1500', 'x-ms-region': 'nowhere' },
  codes: { invalid_api_key: '401', rate_limit_exceeded: '429', model_not_found: 'DeploymentNotFound' },
  filter: { hate: { filtered: false, severity: 'safe' } },
  error(message, code) {
    return { error: { code: this.codes[code] ?? code, message } };
  },
  chunk(body, delta, finish_reason = null) {
    const content_filter_results = delta.content === undefined ? {} : this.filter;
    return this.event({
      id: 'c',
      object: 'chat.completion.chunk',
      model: body.model,
      choices: [{ index: 0, delta, finish_reason, content_filter_results }],
    });
  },
  get promptFilterResults() {
    return [{ prompt_index: 0, content_filter_results: this.filter }];
  },
  whole(body, words, reasoning) {
    const first = { id: '', object: '', model: '', choices: [], prompt_filter_results: this.promptFilterResults };
    return this.event(first) + openai.whole.call(this, body, words, reasoning);
  },
  completion(body, message, finish_reason) {
    const { choices, ...rest } = openai.completion.call(this, body, message, finish_reason);
    return {
      ...rest,
      choices: [{ ...choices[0], content_filter_results: this.filter }],
      prompt_filter_results: this.promptFilterResults,
    };
  },
};

/** Ollama's `/api/generate`: the text stands where a chat has its message, and the last line has a `context`. */
export const ollamaGenerate = {
  ...ollama,
  flat({ message, ...record }) {
    if (message === undefined) return record;
    return {
      ...record,
      response: message.content,
      ...(message.thinking && { thinking: message.thinking }),
      ...(record.done && { context: [1, 2, 3] }),
    };
  },
  event(value) {
    return ollama.event(this.flat(value));
  },
  answer(body, content, thinking) {
    return this.flat(ollama.answer.call(this, body, content, thinking));
  },
};

/** Promises more bytes than it sends, then hangs up. */
export function cutBody(response, value) {
  const text = JSON.stringify(value);
  response.cut = true;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) + 10 });
  response.write(text, () => response.socket.destroy());
}

export function endlessly(response, write) {
  const timer = setInterval(write, SLOW_MS);
  response.on('close', () => clearInterval(timer));
  write();
}
