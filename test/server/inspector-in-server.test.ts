import { describe, expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { openFrames } from '../support/frames-client.ts';
import { cookieOf, OWN_HEADER } from '../support/inspector-app.ts';
import { ask, eventually, runServer } from '../support/running-server.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';

const KEY = 'k-secret-4711';

const pause = { model: 'gpu', command: 'pause' };

describe('createServer', () => {
  it('has the inspector, which controls the router', async () => {
    await using server = await runServer(new LLMRouter().addModel('gpu', { backend: new ScriptedBackend() }));
    const { url, router } = server;
    const post = (body: object) =>
      ask(
        `${url}/inspector/control`,
        { method: 'POST', headers: { ...OWN_HEADER, 'content-type': 'application/json' } },
        JSON.stringify(body),
      );
    expect((await post(pause)).status).toBe(204);
    expect(router.getModelStatus()['gpu']!.control).toBe('paused');
    expect(await post({ ...pause, model: 'cpu' })).toMatchObject({
      status: 404,
      json: { error: { code: 'model_unknown' } },
    });
    expect((await server.get('/nothing')).text).toContain('/inspector');
  });

  it('logs who was controlled and how, and no command that was not carried out', async () => {
    await using server = await runServer(new LLMRouter().addModel('gpu', { backend: new ScriptedBackend() }));
    const { url, log } = server;
    for (const model of ['cpu', 'gpu']) {
      const headers = { ...OWN_HEADER, 'content-type': 'application/json', 'x-request-id': `for-${model}` };
      await ask(`${url}/inspector/control`, { method: 'POST', headers }, JSON.stringify({ ...pause, model }));
    }
    const lines = await eventually(() => log.lines.length >= 3 && log.lines);
    expect(lines.filter(({ command }) => command !== undefined)).toEqual([
      expect.objectContaining({ level: 30, model: 'gpu', command: 'pause', request_id: 'for-gpu' }),
    ]);
    const requests = lines.filter(({ route }) => route === '/inspector/control');
    expect(requests.map(({ request_id, model }) => [request_id, model])).toEqual([
      ['for-cpu', undefined],
      ['for-gpu', 'gpu'],
    ]);
  });

  it('leaves the viewers of another server of this machine signed in', async () => {
    await using one = await runServer(new LLMRouter(), { adminKey: KEY });
    await using other = await runServer(new LLMRouter(), { adminKey: KEY });
    const headers = { ...OWN_HEADER, 'content-type': 'application/json' };
    const signIn = ({ url }: { readonly url: string }) =>
      ask(`${url}/inspector/session`, { method: 'POST', headers }, JSON.stringify({ key: KEY }));
    const jar = new Map<string, string>();
    for (const server of [one, other]) {
      const [name, value] = cookieOf(await signIn(server)).split('=') as [string, string];
      jar.set(name, value);
    }
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
    for (const server of [one, other]) {
      expect((await server.get('/inspector/session', { cookie })).json).toMatchObject({ view: true });
    }
  });

  it('protects it by the key of the server', async () => {
    await using server = await runServer(new LLMRouter(), { adminKey: KEY });
    expect((await server.get('/inspector/session')).json).toEqual({ view: false, control: false, keyed: true });
    expect((await server.get('/inspector/frames')).status).toBe(401);
  });

  it('leaves it out when it is told to', async () => {
    await using server = await runServer(new LLMRouter(), { inspector: false });
    for (const path of ['/inspector', '/inspector/', '/inspector/session']) {
      const { status, text } = await server.get(path);
      expect([status, text.includes('/inspector')]).toEqual([404, false]);
    }
  });

  it('shows one router at two servers, and closing one leaves the other', async () => {
    const router = new LLMRouter().addModel('gpu', { backend: new ScriptedBackend() });
    await using one = await runServer(router);
    await using other = await runServer(router);
    const [first, second] = [openFrames(one.url), openFrames(other.url)];
    await eventually(() => first.text.includes('"full":true') && second.text.includes('"full":true'));
    await one.app.close();
    await eventually(() => first.isOver);
    router.pause('gpu');
    await eventually(() => second.text.includes('"paused"'));
    expect(second.isOver).toBe(false);
    second.leave();
  });
});
