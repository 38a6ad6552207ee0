import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { createLogger } from '../../src/server/log.ts';
import { ask, eventually, linesOf, runServer } from '../support/running-server.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const KEY = 'sk-very-secret-4711';
const PROMPT = 'a prompt that nobody else may read';

/** A backend that quotes everything it was given in its failures, as providers do. */
const indiscreet = (status: number) => ({
  generate: async ({ prompt }: { readonly prompt: string }) => {
    throw new BackendError(`${status}: key ${KEY} asked "${prompt}"`, { status });
  },
  close: () => {
    throw new Error(`cannot close: ${KEY} ${PROMPT}`);
  },
});

describe('the log', () => {
  it('holds no key, no prompt and no header, whatever goes wrong', async () => {
    const router = new LLMRouter({ logger: createLogger({ write: (line) => (routerLog += line) }) });
    let routerLog = '';
    router.addModel('a', { backend: indiscreet(500), breaker: { failureThreshold: 1 } });
    router.addModel('b', { backend: indiscreet(400) });
    const server = await runServer(router, { adminKey: KEY });
    const bodies: unknown[] = [
      { prompt: PROMPT },
      { prompt: PROMPT, stream: true },
      { prompt: PROMPT, model: 'a' },
      { prompt: PROMPT, priority: PROMPT },
      { [PROMPT]: 1 },
      `{"prompt": "${PROMPT}`,
    ];
    for (const body of bodies) {
      const reply = await server.generate(body, { authorization: `Bearer ${KEY}`, cookie: KEY });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.text).not.toContain(KEY);
    }
    await server.get(`/stats?key=${KEY}`, { authorization: `Bearer ${KEY}` });
    await server.get(`/stats/${KEY}`, { authorization: `Bearer not-${KEY}` });
    await ask(server.url, { headers: { host: KEY } });
    await server[Symbol.asyncDispose]();
    expect(server.log.lines.length).toBeGreaterThanOrEqual(bodies.length + 3);
    expect(linesOf(routerLog).map(({ msg }) => msg)).toContain('a backend could not be closed');
    for (const text of [server.log.text, routerLog]) {
      expect(text).not.toContain(KEY);
      expect(text).not.toContain(PROMPT);
    }
  });

  it('hides an authorization that is handed to it', () => {
    let text = '';
    createLogger({ write: (line) => (text += line) }).info(
      { authorization: KEY, apiKey: KEY, headers: { authorization: KEY }, request: { authorization: KEY } },
      'careless',
    );
    expect(text).not.toContain(KEY);
    expect(text).toContain('careless');
  });

  it('tells where a foreign error came from, not what it says', () => {
    let text = '';
    const logger = createLogger({ write: (line) => (text += line) });
    logger.error({ error: Object.assign(new TypeError(PROMPT), { code: 'E_ODD' }) }, 'failed');
    expect(text).not.toContain(PROMPT);
    const [line] = linesOf(text);
    expect(line).toMatchObject({ error: { name: 'TypeError', code: 'E_ODD' } });
    expect(JSON.stringify(line)).toContain('log.test.ts');
  });

  it('has one line for each request, with its id, model, status and time', async () => {
    const backend = { generate: async () => ({ content: 'hi' }) };
    await using server = await runServer(new LLMRouter().addModel('local', { backend }));
    await server.generate({ prompt: 'hi' });
    await server.generate({ prompt: 'hi', model: 'nobody' });
    await server.get('/readyz');
    await eventually(() => server.log.lines.length === 2);
    expect(server.log.lines).toMatchObject([
      {
        request_id: 'req-1',
        method: 'POST',
        route: '/generate',
        status: 200,
        ms: expect.any(Number),
        model: 'local',
        msg: 'request',
      },
      { route: '/generate', status: 404, code: 'model_unknown' },
    ]);
  });

  it('has one line for each change of a breaker, through opening, probing and recovery', async () => {
    const clock = new VirtualClock();
    const router = new LLMRouter({ clock, retries: { maxRetries: 0 } });
    let isDown = true;
    const backend = {
      generate: async () => {
        if (isDown) throw new BackendError('down', { status: 503, code: 'overloaded' });
        return { content: 'ok' };
      },
    };
    const breaker = { failureThreshold: 3, recoveryTimeoutMs: 30_000, openJitter: 0, successThreshold: 1 };
    router.addModel('local', { backend, breaker });
    await using server = await runServer(router);
    for (let call = 0; call < 3; call++) await server.generate({ prompt: 'hi' });
    await clock.advance(30_000);
    await server.generate({ prompt: 'hi' });
    await clock.advance(60_000);
    isDown = false;
    await server.generate({ prompt: 'hi' });
    const changes = server.log.lines.filter(({ cause }) => cause !== undefined);
    const common = { model: 'local' };
    expect(changes).toMatchObject([
      {
        ...common,
        level: 40,
        from: 'closed',
        to: 'open',
        cause: 'failures',
        failures: 3,
        opens: 1,
        recovery_ms: 30_000,
        request_id: 'req-3',
        status: 503,
        code: 'overloaded',
        msg: 'breaker of local: closed → open (failures × 3, tries again in 30000 ms)',
      },
      { ...common, level: 30, from: 'open', to: 'half_open', cause: 'recovery_due' },
      { ...common, level: 40, from: 'half_open', to: 'open', cause: 'probe_failed', failures: 1, recovery_ms: 60_000 },
      { ...common, level: 30, from: 'open', to: 'half_open' },
      { ...common, level: 30, from: 'half_open', to: 'closed', cause: 'recovered' },
    ]);
  });
});
