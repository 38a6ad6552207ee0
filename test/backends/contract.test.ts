import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Backend, BackendChunk, BackendContext, LLMRequest } from '../../src/backends/backend.ts';
import { createBackend, registerBackend } from '../../src/backends/registry.ts';
import { BackendError } from '../../src/errors.ts';
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { type BackendHarness, CUT, describeBackend } from './contract.ts';

const KEY = 'sk-test-51f0c1d2e3a4b5c6d7e8f9';
const TENANT = 'tenant-0042-blue';

const SECRETS = [KEY, TENANT];

async function overHttp(make: (provider: FakeProvider, model: string) => Backend): Promise<BackendHarness> {
  const provider = await startFakeProvider();
  return {
    make: (behaviour, tag) => make(provider, `${behaviour}:${tag}`),
    begun: async (behaviour, tag) => void (await provider.reached(`${behaviour}:${tag}`, 'started')),
    left: async (behaviour, tag) => void (await provider.reached(`${behaviour}:${tag}`, 'client_closed')),
    released: async () => void (await provider.openSockets(0)),
    close: () => provider.stop(),
  };
}

for (const api of ['chat', 'generate'] as const) {
  describeBackend(
    `ollama (${api})`,
    () =>
      overHttp((provider, model) =>
        createBackend('ollama', {
          name: 'under-test',
          model,
          api,
          baseUrl: provider.url,
          headers: { Authorization: `Bearer ${KEY}`, 'x-tenant': TENANT },
        }),
      ),
    {
      tools: api === 'chat',
      reasoning: true,
      remote: true,
      secrets: SECRETS,
      failures: {
        error500: { status: 500 },
        rate_limited: { status: 429, retryAfterMs: 2_000 },
        bad_request: { status: 400 },
        echo_key: { status: 401 },
        truncated: CUT,
        reset: CUT,
        malformed: { code: 'malformed_response' },
      },
    },
  );
}

describeBackend(
  'openai',
  () =>
    overHttp((provider, model) =>
      createBackend('openai', {
        name: 'under-test',
        model,
        baseUrl: `${provider.url}/v1`,
        apiKey: KEY,
        headers: { 'X-Tenant': TENANT },
      }),
    ),
  {
    tools: true,
    reasoning: true,
    remote: true,
    secrets: SECRETS,
    failures: {
      error500: { status: 500, code: 'server_error' },
      rate_limited: { status: 429, code: 'rate_limit_exceeded', retryAfterMs: 2_000 },
      bad_request: { status: 400, code: 'context_length_exceeded' },
      echo_key: { status: 401, code: 'invalid_api_key' },
      truncated: CUT,
      reset: CUT,
      malformed: { code: 'malformed_response' },
    },
  },
);

for (const apiVersion of [undefined, '2024-10-21']) {
  describeBackend(
    `azure-openai (${apiVersion ?? 'v1'})`,
    () =>
      overHttp((provider, model) =>
        createBackend('azure-openai', {
          name: 'under-test',
          model,
          baseUrl: `${provider.url}/`,
          apiKey: KEY,
          headers: { 'X-Tenant': TENANT },
          ...(apiVersion !== undefined && { apiVersion }),
        }),
      ),
    {
      tools: true,
      reasoning: true,
      remote: true,
      secrets: SECRETS,
      failures: {
        error500: { status: 500, code: 'server_error' },
        rate_limited: { status: 429, code: '429', retryAfterMs: 1_500 },
        bad_request: { status: 400, code: 'context_length_exceeded' },
        echo_key: { status: 401, code: '401' },
        truncated: CUT,
        reset: CUT,
        malformed: { code: 'malformed_response' },
      },
    },
  );
}

describeBackend(
  'anthropic',
  () =>
    overHttp((provider, model) =>
      createBackend('anthropic', {
        name: 'under-test',
        model,
        baseUrl: provider.url,
        apiKey: KEY,
        headers: { 'X-Tenant': TENANT },
      }),
    ),
  {
    tools: true,
    reasoning: true,
    remote: true,
    secrets: SECRETS,
    failures: {
      error500: { status: 500, code: 'api_error' },
      rate_limited: { status: 429, code: 'rate_limit_error', retryAfterMs: 2_000 },
      bad_request: { status: 400, code: 'invalid_request_error' },
      echo_key: { status: 401, code: 'authentication_error' },
      truncated: CUT,
      reset: CUT,
      malformed: { code: 'malformed_response' },
    },
  },
);

describeBackend(
  'simulated',
  async () => {
    const clocks = new Map<string, VirtualClock>();
    const key = (behaviour: string, tag: string): string => `${behaviour}:${tag}`;
    const noTimersLeft = async (behaviour: string, tag: string): Promise<void> => {
      const { pending } = clocks.get(key(behaviour, tag))!;
      if (pending > 0) throw new Error(`${pending} timers are left`);
    };
    return {
      make(behaviour, tag) {
        const clock = new VirtualClock();
        clocks.set(key(behaviour, tag), clock);
        const backend = createBackend('simulated', {
          name: 'under-test',
          clock,
          latencyMs: behaviour === 'hang' ? 1_000_000 : 0,
          failureRate: behaviour === 'error500' ? 1 : 0,
        });
        return backend;
      },
      begun: async () => {},
      left: noTimersLeft,
      released: async () => {},
      close: async () => {},
    };
  },
  {
    tools: false,
    reasoning: false,
    remote: false,
    secrets: [KEY],
    failures: { error500: { status: 503, code: 'simulated_failure' } },
  },
);

/** A backend as a user would write it: Node's own http, no streaming protocol but one JSON text a line. */
class LineBackend implements Backend {
  readonly #url: string;
  readonly #model: string;
  constructor(url: string, model: string) {
    this.#url = url;
    this.#model = model;
  }

  async healthCheck(): Promise<void> {
    const [response] = (await once(request(`${this.#url}/api/version`, { agent: false }).end(), 'response')) as [
      IncomingMessage,
    ];
    response.resume();
    if (response.statusCode !== 200) throw new BackendError('unwell', { status: response.statusCode! });
  }

  async generate(asked: LLMRequest, context: BackendContext) {
    let content = '';
    for await (const chunk of this.stream(asked, context)) {
      if (chunk.type === 'text') content += chunk.text;
      if (chunk.type === 'finish') return { content, ...chunk };
    }
    throw new BackendError('no end', { code: 'stream_truncated' });
  }

  async *stream({ messages }: LLMRequest, { signal }: BackendContext): AsyncGenerator<BackendChunk> {
    signal.throwIfAborted();
    const sent = request(`${this.#url}/api/chat`, { method: 'POST', agent: false });
    const onAbort = (): void => void sent.destroy();
    signal.addEventListener('abort', onAbort);
    try {
      sent.end(JSON.stringify({ model: this.#model, messages, stream: true }));
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      if (response.statusCode !== 200) throw new BackendError('refused', { status: response.statusCode! });
      let rest = '';
      for await (const piece of response.setEncoding('utf8')) {
        const lines = (rest + piece).split('\n');
        rest = lines.pop()!;
        for (const line of lines) {
          const { message, done, ...end } = JSON.parse(line);
          if (message.content !== '') yield { type: 'text', text: message.content };
          if (!done) continue;
          const [promptTokens, completionTokens] = [end.prompt_eval_count, end.eval_count];
          const usage = { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens };
          return yield { type: 'finish', finishReason: end.done_reason, usage };
        }
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      sent.destroy();
    }
    throw new BackendError('no end', { code: 'stream_truncated' });
  }
}

registerBackend('lines', ({ name, url, model }) => new LineBackend(String(url), String(model ?? name)));

describeBackend(
  'custom',
  () => overHttp((provider, model) => createBackend('lines', { name: 'under-test', model, url: provider.url })),
  {
    tools: false,
    reasoning: false,
    remote: true,
    secrets: SECRETS,
    failures: { error500: { status: 500 }, bad_request: { status: 400 }, truncated: CUT },
  },
);
