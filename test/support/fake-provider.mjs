// A provider in a process of its own: it speaks the protocols of OpenAI, Azure, Anthropic and Ollama over real sockets and
// takes its behaviour from the part of the model's name before a colon (`hang:3` hangs). Plain JavaScript, so that it can
// be forked.
import { REASONING, TEXT, WORDS } from './fake-protocols.mjs';
import { json, serve } from './provider-process.mjs';

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

serve(behave);
