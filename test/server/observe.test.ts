import { afterEach, describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import type { Readiness } from '../../src/server/ready.ts';
import type { ServerOptions } from '../../src/server/server.ts';
import { ask, eventually, type RunningServer, runServer } from '../support/running-server.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

let server: RunningServer | null = null;
afterEach(() => server?.[Symbol.asyncDispose]());

const KEY = 'k-secret-4711';
let isDown = false;
let healthChecks = 0;

async function serve(options: ServerOptions = {}): Promise<RunningServer> {
  isDown = false;
  healthChecks = 0;
  const router = new LLMRouter();
  router.addModel('m', {
    backend: {
      async generate() {
        if (isDown) throw new BackendError('down', { status: 500 });
        return { content: 'x' };
      },
      async healthCheck() {
        healthChecks++;
        if (isDown) throw new Error('down');
      },
    },
    breaker: { failureThreshold: 2, openJitter: 0 },
  });
  server = await runServer(router, options);
  return server;
}

describe('what the server tells of itself', () => {
  it('is the router’s own statistics and states', async () => {
    const { generate, get, router } = await serve();
    await generate({ prompt: 'hi' });
    expect((await get('/stats')).json).toEqual(JSON.parse(JSON.stringify(router.getStats())));
    expect((await get('/models')).json).toEqual(JSON.parse(JSON.stringify(router.getModelStatus())));
  });

  it('is ready only while it runs and a model would take a request', async () => {
    const readiness: Readiness = { phase: 'starting' };
    const { generate, get } = await serve({ readiness });
    expect((await get('/readyz')).status).toBe(503);
    readiness.phase = 'running';
    expect((await get('/readyz')).status).toBe(200);
    isDown = true;
    await generate({ prompt: 'hi' });
    await generate({ prompt: 'hi' });
    expect((await get('/readyz')).status).toBe(503);
    readiness.phase = 'draining';
    expect((await get('/livez')).status).toBe(200);
    expect(healthChecks).toBe(0);
  });

  it('asks the backends for /health, once in five seconds', async () => {
    const { get } = await serve();
    expect((await get('/health')).json).toMatchObject({ status: 'healthy', models: { m: { status: 'healthy' } } });
    isDown = true;
    expect((await get('/health')).status).toBe(200);
    expect(healthChecks).toBe(1);
  });

  it('asks them again after five seconds, and is 503 when all are down', async () => {
    const clock = new VirtualClock();
    let checks = 0;
    let answer = (): void => {};
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const check = (isWell: () => boolean) => ({
      generate: async () => ({ content: 'x' }),
      healthCheck: async () => {
        checks++;
        await gate;
        if (!isWell()) throw new Error('down');
      },
    });
    let isWell = true;
    const router = new LLMRouter({ clock });
    router.addModel('a', { backend: check(() => isWell) }).addModel('b', { backend: check(() => false) });
    server = await runServer(router);
    const { get } = server;
    let arrived = 0;
    server.app.server.on('request', () => arrived++);
    const asked = Promise.all([get('/health'), get('/health')]);
    await eventually(() => arrived === 2);
    answer();
    const together = await asked;
    expect(together.map(({ status }) => status)).toEqual([200, 200]);
    expect(together[0].json).toMatchObject({
      status: 'degraded',
      models: { b: { status: 'unhealthy', error: 'down' } },
    });
    isWell = false;
    await clock.advance(4_999);
    expect((await get('/health')).status).toBe(200);
    expect(checks).toBe(2);
    await clock.advance(1);
    expect(await get('/health')).toMatchObject({ status: 503, json: { status: 'unhealthy' } });
    expect(checks).toBe(4);
    expect(router.getModelStatus()['a']!.circuitBreaker.state).toBe('closed');
  });

  it('logs one line for each change of a breaker, with cause, count and time to recovery', async () => {
    const { generate, log } = await serve();
    isDown = true;
    await generate({ prompt: 'hi' });
    await generate({ prompt: 'hi' });
    const lines = log.lines.filter(({ msg }) => String(msg).includes('breaker'));
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines[0])).toMatch(/failures/);
    expect(lines[0]).toMatchObject({ model: 'm', from: 'closed', to: 'open' });
  });
});

describe('who may ask', () => {
  it.each(['/stats', '/models', '/health'])('%s wants the admin key when there is one', async (path) => {
    const { get, log } = await serve({ adminKey: KEY });
    expect((await get(path)).json).toMatchObject({ error: { code: 'unauthorized' } });
    expect((await get(path, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await get(path, { authorization: `Bearer ${KEY}` })).status).toBe(200);
    expect(log.text).not.toContain(KEY);
  });

  it('generation, /livez and /readyz want no key', async () => {
    const { generate, get } = await serve({ adminKey: KEY });
    expect((await generate({ prompt: 'hi' })).status).toBe(200);
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
  });

  it.each(['localhost', '127.0.0.1:8000', '[::1]', 'router.internal'])('a request for %s is answered', async (host) => {
    const { url } = await serve({ allowHosts: ['router.internal'] });
    expect((await ask(`${url}/livez`, { headers: { host } })).status).toBe(200);
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'x@localhost',
  ])('a request for %s is refused', async (host) => {
    const { url } = await serve({ allowHosts: ['router.internal'] });
    const { json, status } = await ask(`${url}/stats`, { headers: { host } });
    expect(status).toBe(421);
    expect(json).toMatchObject({ error: { code: 'host_not_allowed' } });
  });

  it.each(['http://evil.example', 'null', 'http://localhost:1'])('a page of %s is refused', async (origin) => {
    const { generate } = await serve();
    const { json, status } = await generate({ prompt: 'hi' }, { origin });
    expect(status).toBe(403);
    expect(json).toMatchObject({ error: { code: 'origin_not_allowed' } });
  });

  it('a path that is not there is 404 in the same words as ever', async () => {
    const { get } = await serve();
    expect(await get('/nothing')).toMatchObject({ status: 404, json: { error: { code: 'not_found' } } });
  });
});
