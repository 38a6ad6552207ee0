import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { LLMRouter } from '../../src/llm-router.ts';
import { createLogger } from '../../src/server/log.ts';
import { createServer, type ServerOptions } from '../../src/server/server.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, parsed. */
  readonly json: never;
}

export interface RunningServer {
  readonly app: FastifyInstance;
  readonly router: LLMRouter;
  readonly url: string;
  /** The lines of its log so far. */
  readonly log: { readonly text: string; readonly lines: readonly Record<string, unknown>[] };
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  /** `POST /generate` with a JSON body. */
  generate(body: unknown, headers?: Record<string, string>): Promise<Reply>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server on a free port of the loopback, its log kept. */
export async function runServer(
  router: LLMRouter = new LLMRouter(),
  options: ServerOptions = {},
): Promise<RunningServer> {
  let text = '';
  const logger = createLogger({ write: (line) => (text += line) });
  const app = createServer(router, { logger, ...options });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    app,
    router,
    url,
    log: {
      get text() {
        return text;
      },
      get lines() {
        return linesOf(text);
      },
    },
    get: (path, headers = {}) => ask(`${url}${path}`, { headers }),
    generate: (body, headers) => post(url, body, headers),
    async [Symbol.asyncDispose]() {
      await router.stop({ graceMs: 0 });
      await app.close();
    },
  };
}

export const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

export const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
  ask(
    `${url}/generate`,
    { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
    typeof body === 'string' ? body : JSON.stringify(body),
  );

/** One HTTP request on a connection of its own, with any headers, `Host` included. */
export function ask(url: string, options: RequestOptions = {}, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text,
          get json() {
            return JSON.parse(text) as never;
          },
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What a condition gives when it first holds; asked again every millisecond, so that a child process gets its turn. */
export async function eventually<T>(condition: () => T | undefined | false, limitMs = 5_000): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() - startedAt > limitMs) throw new Error(`not so within ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
