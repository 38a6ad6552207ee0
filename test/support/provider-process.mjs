// What every provider in a process of its own needs: the protocol of each path, a log of the calls, and ways to ask for it.
// Plain JavaScript, so that it can be forked.
import { createServer } from 'node:http';
import { anthropic } from './fake-anthropic.mjs';
import { azure, ollama, ollamaGenerate, openai } from './fake-protocols.mjs';

/** The protocol of each path, the first that fits. */
const PROTOCOLS = [
  [/\/v1\/messages$/, anthropic],
  [/\/api\/generate$/, ollamaGenerate],
  [/\/api\/chat$/, ollama],
  [/\/openai\/(v1|deployments\/[^/]+)\/chat\/completions$/, azure],
  [/\/chat\/completions$/, openai],
];

/** @type {{id: number, path: string, model: string, body: any, headers: any, startedAt: number, endedAt: number | null, socket: number, ended: boolean, closed: boolean, clientClosed: boolean}[]} */
const log = [];
const watchers = new Set();
const changed = () => {
  for (const watcher of [...watchers]) watcher();
};
let sockets = 0;
const socketIds = new WeakMap();
const openSockets = new Set();

/** How the calls of a protocol are answered. @type {(protocol: any, body: any, request: any, response: any) => unknown} */
let behave;

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
    endedAt: null,
    socket: socketIds.get(request.socket),
    ended: false,
    closed: false,
    clientClosed: false,
  };
  log.push(entry);
  response.on('finish', () => {
    entry.ended = true;
    entry.endedAt = Date.now();
    changed();
  });
  response.on('close', () => {
    entry.closed = true;
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
 * has got there, `/__wait?sockets=n` when at most n connections are open beside the one that asks. `/__over?model=…`
 * answers with the calls of that model alone, once none is under way.
 */
function control(url, response) {
  const snapshot = () => ({ attempts: log, sockets: openSockets.size - 1 });
  if (url.pathname === '/__log') return json(response, 200, snapshot());
  const model = url.searchParams.get('model');
  const ofModel = () => log.filter((entry) => entry.model === model);
  if (url.pathname === '/__over') {
    return answerOnce(
      response,
      () => ofModel().every(({ closed }) => closed),
      () => ({ attempts: ofModel() }),
    );
  }
  const state = url.searchParams.get('state');
  const limit = url.searchParams.get('sockets');
  const holds = () =>
    limit === null
      ? ofModel().some(
          (entry) =>
            state === 'started' ||
            (state === 'ended' && entry.ended) ||
            (state === 'client_closed' && entry.clientClosed),
        )
      : openSockets.size - 1 <= Number(limit);
  answerOnce(response, holds, snapshot);
}

function answerOnce(response, holds, value) {
  const answer = () => {
    if (!holds()) return;
    watchers.delete(answer);
    json(response, 200, value());
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

export function json(response, status, value, headers = {}) {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Listens on a free port of the loopback, tells the parent which, and ends with it. */
export function serve(behaviour) {
  behave = behaviour;
  process.on('disconnect', () => process.exit(0));
  server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
}
