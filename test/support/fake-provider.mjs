// A provider in a process of its own: it speaks the protocols of OpenAI, Azure, Anthropic and Ollama over real sockets and
// takes its behaviour from the part of the model's name before a colon (`hang:3` hangs). Plain JavaScript, so that it can
// be forked.
import { createServer } from 'node:http';
import { anthropic } from './fake-anthropic.mjs';
import { azure, ollama, ollamaGenerate, openai, REASONING, TEXT, WORDS } from './fake-protocols.mjs';

/** The protocol of each path, the first that fits. */
const PROTOCOLS = [
  [/\/v1\/messages$/, anthropic],
  [/\/api\/generate$/, ollamaGenerate],
  [/\/api\/chat$/, ollama],
  [/\/openai\/(v1|deployments\/[^/]+)\/chat\/completions$/, azure],
  [/\/chat\/completions$/, openai],
];

/** @type {{id: number, path: string, model: string, body: any, headers: any, startedAt: number, socket: number, ended: boolean, clientClosed: boolean}[]} */
const log = [];
const watchers = new Set();
const changed = () => {
  for (const watcher of [...watchers]) watcher();
};
let sockets = 0;
const socketIds = new WeakMap();
const openSockets = new Set();

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  if (url.pathname.startsWith('/__')) return control(url, response);
  let text = '';
  for await (const piece of request) text += piece;
  const body = text === '' ? null : JSON.parse(text);
  // Azure goes by the deployment in the path, whatever the body says.
  const deployment = /\/openai\/deployments\/([^/]+)/.exec(url.pathname)?.[1];
  if (deployment !== undefined) body.model = decodeURIComponent(deployment);
  const entry = {
    id: log.length,
    path: request.url,
    model: body?.model ?? '',
    body,
    headers: request.headers,
    startedAt: Date.now(),
    socket: socketIds.get(request.socket),
    ended: false,
    clientClosed: false,
  };
  log.push(entry);
  response.on('finish', () => {
    entry.ended = true;
    changed();
  });
  response.on('close', () => {
    // Not `!ended`: a cut that the provider made itself is no departure of the client.
    entry.clientClosed = !response.writableFinished && !response.cut;
    changed();
  });
  changed();
  const protocol = PROTOCOLS.find(([path]) => path.test(url.pathname))?.[1];
  if (protocol !== undefined) return behave(protocol, body, request, response);
  if (url.pathname.endsWith('/models') || url.pathname.endsWith('/api/version')) return health(request, response);
  json(response, 404, { error: { message: `no such path ${url.pathname}`, code: 'not_found' } });
});

server.on('connection', (socket) => {
  socketIds.set(socket, ++sockets);
  openSockets.add(socket);
  socket.on('close', () => {
    openSockets.delete(socket);
    changed();
  });
});

/**
 * `/__log` is all that happened; `/__wait?model=…&state=started|ended|client_closed` answers when a call of that model
 * has got there, `/__wait?sockets=n` when at most n connections are open beside the one that asks.
 */
function control(url, response) {
  const snapshot = () => ({ attempts: log, sockets: openSockets.size - 1 });
  if (url.pathname === '/__log') return json(response, 200, snapshot());
  const model = url.searchParams.get('model');
  const state = url.searchParams.get('state');
  const limit = url.searchParams.get('sockets');
  const holds = () =>
    limit === null
      ? log.some(
          (entry) =>
            entry.model === model &&
            (state === 'started' ||
              (state === 'ended' && entry.ended) ||
              (state === 'client_closed' && entry.clientClosed)),
        )
      : openSockets.size - 1 <= Number(limit);
  const answer = () => {
    if (!holds()) return;
    watchers.delete(answer);
    json(response, 200, snapshot());
  };
  watchers.add(answer);
  response.on('close', () => watchers.delete(answer));
  answer();
}

function health(request, response) {
  if (request.headers['x-unwell'] !== undefined) return json(response, 503, { error: 'unwell' });
  const { authorization, 'x-api-key': anthropicKey, 'api-key': azureKey } = request.headers;
  if ([authorization?.replace('Bearer ', ''), anthropicKey, azureKey].includes('sk-wrong')) {
    return json(response, 401, { error: { message: 'Incorrect API key provided: sk-wrong', code: 'invalid_api_key' } });
  }
  json(response, 200, { version: '0.0.0', data: [] });
}

function behave(protocol, body, request, response) {
  const [behaviour] = body.model.split(':');
  const stream = body.stream === true;
  const fail = (status, message, code, headers = {}) => json(response, status, protocol.error(message, code), headers);
  switch (behaviour) {
    case 'ok':
      return stream ? protocol.stream(response, body, WORDS) : json(response, 200, protocol.answer(body, TEXT));
    case 'slow':
      return stream ? protocol.slow(response, body) : undefined;
    case 'hang':
      return undefined;
    case 'hang_in_body':
      response.writeHead(200, { 'content-type': stream ? protocol.streamType : 'application/json' });
      return response.flushHeaders();
    case 'error500':
      return fail(500, 'the provider is down', 'server_error');
    case 'error_html':
      response.writeHead(502, { 'content-type': 'text/html' });
      return response.end('<html><head><title>x</title></head><body><h1>502 Bad Gateway</h1></body></html>');
    case 'error_hangs':
      response.writeHead(500, { 'content-type': 'application/json' });
      return response.write('{"error":');
    case 'rate_limited':
      return fail(429, 'slow down', 'rate_limit_exceeded', protocol.rateLimit ?? { 'retry-after': '2' });
    case 'bad_request':
      return fail(400, 'This model has a context of 8 tokens', 'context_length_exceeded');
    case 'echo_key': {
      const said = ['authorization', 'x-tenant', 'x-api-key', 'api-key'].map(
        (name) => `${name}: ${request.headers[name]}`,
      );
      return fail(
        401,
        `${'Incorrect credentials. '.repeat(20)}${said.join('; ')}. ${'padding '.repeat(100)}`,
        'invalid_api_key',
      );
    }
    case 'echo_key_200':
      return json(
        response,
        200,
        protocol.error(`bad key ${request.headers.authorization} ${request.headers['x-api-key']}`, 'bad_key'),
      );
    case 'echo_prompt':
      return fail(500, `cannot answer ${JSON.stringify(body.prompt ?? body.messages.at(-1).content)}`, 'server_error');
    case 'truncated':
      return protocol.truncated(response, body);
    case 'reset':
      response.cut = true;
      if (!stream) return request.socket.resetAndDestroy();
      response.writeHead(200, { 'content-type': protocol.streamType });
      return response.write(protocol.piece(body, WORDS[0]), () => request.socket.resetAndDestroy());
    case 'reset_before_headers':
      response.cut = true;
      return request.socket.resetAndDestroy();
    case 'malformed':
      response.writeHead(200, { 'content-type': stream ? protocol.streamType : 'application/json' });
      return response.end(stream ? `${protocol.piece(body, WORDS[0])}${protocol.malformed}` : '{"choices": [{"mess');
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' });
      return response.end('<html><body>Please log in</body></html>');
    case 'empty':
      response.writeHead(200, { 'content-type': stream ? protocol.streamType : 'application/json' });
      return response.end();
    case 'error_in_200':
      return json(response, 200, protocol.error('overloaded', 'overloaded_error'));
    case 'error_in_stream':
      response.writeHead(200, { 'content-type': protocol.streamType });
      return response.end(
        protocol.piece(body, WORDS[0]) + protocol.event(protocol.error('overloaded', 'overloaded_error')),
      );
    case 'replay': {
      // A test that needs one odd answer sends it along.
      const { status = 200, headers: more, text } = body.replay;
      response.writeHead(status, { 'content-type': stream ? protocol.streamType : 'application/json', ...more });
      return response.end(text);
    }
    case 'filtered':
      return json(response, 400, filtered());
    case 'no_done':
      return stream ? protocol.noDone(response, body, false) : json(response, 200, protocol.answer(body, TEXT));
    case 'no_done_open':
      return stream ? protocol.noDone(response, body, true) : json(response, 200, protocol.answer(body, TEXT));
    case 'json_for_stream':
      return json(response, 200, protocol.answer(body, TEXT));
    case 'tool_call':
      return stream ? protocol.toolStream(response, body) : json(response, 200, protocol.toolAnswer(body));
    case 'reasoning':
      return stream
        ? protocol.stream(response, body, WORDS, REASONING)
        : json(response, 200, protocol.answer(body, TEXT, REASONING.join('')));
    case 'bytewise':
      return bytewise(protocol, response, body);
    case 'huge': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const piece = ' '.repeat(1024 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', more);
      return more();
    }
    default:
      return fail(404, `model '${body.model}' not found`, 'model_not_found');
  }
}

/** How Azure refuses a prompt. */
function filtered() {
  const innererror = {
    code: 'ResponsibleAIPolicyViolation',
    content_filter_result: { hate: { filtered: true, severity: 'high' } },
  };
  const message = 'The response was filtered due to the prompt triggering the content management policy';
  return { error: { message, type: null, param: 'prompt', code: 'content_filter', status: 400, innererror } };
}

function json(response, status, value, headers = {}) {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Every byte in a packet of its own, so that characters and lines are cut wherever they can be. */
async function bytewise(protocol, response, body) {
  response.writeHead(200, { 'content-type': protocol.streamType });
  response.socket.setNoDelay(true);
  for (const byte of Buffer.from(protocol.whole(body, WORDS))) {
    response.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  response.end();
}

process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
