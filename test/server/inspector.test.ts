import { afterEach, describe, expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { openFrames } from '../support/frames-client.ts';
import { cookieOf, type InspectorApp, OWN_HEADER, runInspectorApp } from '../support/inspector-app.ts';
import { ask, eventually, type Reply, runServer } from '../support/running-server.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';

const KEY = 'k-secret-4711';
const BEARER = { authorization: `Bearer ${KEY}` };

let server: InspectorApp;
afterEach(() => server?.[Symbol.asyncDispose]());

const serve = async (adminKey?: string): Promise<InspectorApp> => {
  server = await runInspectorApp(adminKey);
  return server;
};

const refusal = (status: number, code: string, message: unknown = expect.any(String)) => ({
  status,
  json: { error: { code, message } },
});

const pause = { model: 'gpu', command: 'pause' };

describe('without an admin key', () => {
  it('shows everything and takes commands from this machine', async () => {
    const { get, send, inspector } = await serve();
    expect((await get('session')).json).toEqual({ view: true, control: true, keyed: false });
    expect((await get('requests/req%2F1')).json).toEqual({ row: { id: 'req/1' } });
    expect(await send('POST', 'control', pause)).toMatchObject({ status: 204, text: '' });
    expect(inspector.commands).toEqual([['gpu', 'pause']]);
  });

  it('has nothing to sign in to', async () => {
    const { send } = await serve();
    const reply = await send('POST', 'session', { key: 'x' });
    expect(reply).toMatchObject({ status: 200, json: { view: true, control: true, keyed: false } });
    expect(reply.headers['set-cookie']).toBeUndefined();
  });

  it('takes no command from another machine', async () => {
    const { app } = await serve();
    const remoteAddress = '192.0.2.7';
    const headers = { ...OWN_HEADER, host: 'localhost' };
    const session = await app.inject({ url: '/inspector/session', headers, remoteAddress });
    expect(session.json()).toEqual({ view: true, control: false, keyed: false });
    const reply = await app.inject({ method: 'POST', url: '/inspector/control', headers, remoteAddress, body: pause });
    expect([reply.statusCode, reply.json().error]).toEqual([
      403,
      { code: 'control_not_allowed', message: expect.stringContaining('admin key') },
    ]);
    expect(server.inspector.commands).toEqual([]);
  });

  it.each(['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1'])('takes %s for this machine', async (remoteAddress) => {
    const { app } = await serve();
    const session = await app.inject({ url: '/inspector/session', headers: { host: 'localhost' }, remoteAddress });
    expect(session.json()).toMatchObject({ control: true });
  });
});

describe('with an admin key', () => {
  it.each([
    ['GET', 'frames'],
    ['GET', 'requests/req%2F1'],
    ['POST', 'control'],
  ] as const)('asks for it before %s %s', async (method, path) => {
    const { get, send } = await serve(KEY);
    const asked = (headers: Record<string, string>) =>
      method === 'GET' ? get(path, headers) : send(method, path, pause, headers);
    const refused = refusal(401, 'unauthorized');
    expect(await asked({})).toMatchObject(refused);
    expect(await asked({ authorization: 'Bearer wrong' })).toMatchObject(refused);
    expect(await asked({ cookie: `llm_router_session=${KEY}` })).toMatchObject(refused);
    expect(server.inspector.viewers).toHaveLength(0);
    expect(server.inspector.commands).toEqual([]);
  });

  it('takes the key with a request, from any machine', async () => {
    const { app, get, send, inspector } = await serve(KEY);
    expect((await get('requests/req%2F1', BEARER)).status).toBe(200);
    expect((await get('session', BEARER)).json).toEqual({ view: true, control: true, keyed: true });
    expect((await send('POST', 'control', pause, BEARER)).status).toBe(204);
    const headers = { ...OWN_HEADER, ...BEARER, host: 'localhost' };
    const remote = { method: 'POST', url: '/inspector/control', headers, remoteAddress: '192.0.2.7' } as const;
    expect((await app.inject({ ...remote, body: pause })).statusCode).toBe(204);
    expect(inspector.commands).toHaveLength(2);
  });

  it('trades the key for a cookie that shows and controls, until it is given back', async () => {
    const { get, send } = await serve(KEY);
    expect((await get('session')).json).toEqual({ view: false, control: false, keyed: true });
    const signedIn = await send('POST', 'session', { key: KEY });
    expect(signedIn).toMatchObject({ status: 200, json: { view: true, control: true, keyed: true } });
    expect(signedIn.headers['set-cookie']![0]).toMatch(
      /^llm_router_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/inspector; Max-Age=43200$/,
    );
    const cookie = { cookie: cookieOf(signedIn) };
    expect((await get('session', cookie)).json).toEqual({ view: true, control: true, keyed: true });
    expect((await get('requests/req%2F1', cookie)).status).toBe(200);
    expect((await send('POST', 'control', pause, cookie)).status).toBe(204);
    const signedOut = await send('DELETE', 'session', undefined, cookie);
    expect(signedOut.json).toEqual({ view: false, control: false, keyed: true });
    expect(signedOut.headers['set-cookie']![0]).toContain('Max-Age=0');
    expect((await get('requests/req%2F1', cookie)).status).toBe(401);
  });

  it('forgets a session after twelve hours', async () => {
    const { get, send, clock } = await serve(KEY);
    const cookie = { cookie: cookieOf(await send('POST', 'session', { key: KEY })) };
    await clock.advance(43_199_999);
    expect((await get('requests/req%2F1', cookie)).status).toBe(200);
    await clock.advance(1);
    expect((await get('requests/req%2F1', cookie)).status).toBe(401);
  });

  it('refuses a wrong key, and sets no cookie', async () => {
    const { send } = await serve(KEY);
    for (const key of ['', 'wrong', `${KEY} `, KEY.toUpperCase()]) {
      const reply = await send('POST', 'session', { key });
      expect(reply).toMatchObject(refusal(401, 'unauthorized', 'key: given a wrong one; accepted: the admin key'));
      expect(reply.headers['set-cookie']).toBeUndefined();
    }
  });

  it('looks at no key for a minute after ten wrong ones, whichever way they came', async () => {
    const { get, send, clock } = await serve(KEY);
    const cookie = { cookie: cookieOf(await send('POST', 'session', { key: KEY })) };
    for (let count = 0; count < 5; count++) {
      expect((await send('POST', 'session', { key: 'wrong' })).status).toBe(401);
      await clock.advance(1_000);
      expect((await get('session', { authorization: 'Bearer wrong' })).status).toBe(401);
    }
    const refused = await send('POST', 'session', { key: KEY });
    expect(refused).toMatchObject({ status: 429, json: { error: { code: 'too_many_tries', retry_after_ms: 55_000 } } });
    expect(refused.headers['retry-after']).toBe('55');
    expect((await get('requests/req%2F1', BEARER)).status).toBe(429);
    expect((await get('requests/req%2F1', cookie)).status).toBe(200);
    await clock.advance(54_999);
    expect((await send('POST', 'session', { key: KEY })).status).toBe(429);
    await clock.advance(1);
    expect((await send('POST', 'session', { key: KEY })).status).toBe(200);
  });

  it('has neither key nor cookie nor id in its log, whatever is refused', async () => {
    const { get, send, log, url } = await serve(KEY);
    const signedIn = await send('POST', 'session', { key: KEY });
    const cookie = cookieOf(signedIn);
    const token = cookie.split('=')[1]!;
    const all: Promise<Reply>[] = [
      send('POST', 'session', { key: `not-${KEY}` }),
      send('POST', 'session', { [KEY]: 1 }),
      send('POST', 'session', `{"key": "${KEY}`),
      send('POST', 'session', { key: KEY }, { 'x-llm-router-inspector': KEY }),
      send('POST', 'control', { model: KEY, command: KEY }, { cookie }),
      get('requests/a-telling-id', { cookie }),
      get(`session?key=${KEY}`, BEARER),
      get(KEY),
      send('DELETE', 'session', undefined, { cookie }),
      ask(`${url}/inspector/session`, { headers: { host: KEY } }),
    ];
    for (const { text } of await Promise.all(all)) expect(text).not.toContain(token);
    await eventually(() => log.lines.length === all.length + 1);
    for (const secret of [KEY, token, 'a-telling-id']) expect(log.text).not.toContain(secret);
  });
});

describe('what comes from elsewhere', () => {
  const PATHS = [
    ['GET', ''],
    ['GET', 'session'],
    ['GET', 'frames'],
    ['GET', 'requests/req%2F1'],
    ['POST', 'session'],
    ['DELETE', 'session'],
    ['POST', 'control'],
  ] as const;

  it.each(PATHS)('is refused at %s /inspector/%s under a foreign name', async (method, path) => {
    const { url } = await serve();
    const headers = { ...OWN_HEADER, host: 'evil.example' };
    expect(await ask(`${url}/inspector/${path}`, { method, headers })).toMatchObject(refusal(421, 'host_not_allowed'));
  });

  it.each(PATHS)('is refused at %s /inspector/%s from a page of another origin', async (method, path) => {
    const { url } = await serve();
    const headers = { ...OWN_HEADER, origin: 'http://localhost:1' };
    expect(await ask(`${url}/inspector/${path}`, { method, headers })).toMatchObject(
      refusal(403, 'origin_not_allowed'),
    );
  });

  it.each([
    ['POST', 'session', { key: KEY }],
    ['DELETE', 'session', undefined],
    ['POST', 'control', pause],
  ] as const)('changes nothing at %s %s without the page’s own header', async (method, path, body) => {
    const { send, get, inspector } = await serve(KEY);
    const cookie = cookieOf(await send('POST', 'session', { key: KEY }));
    const reply = await send(method, path, body, { cookie, 'x-llm-router-inspector': '0' });
    expect(reply).toMatchObject(refusal(403, 'control_not_allowed', expect.stringContaining('x-llm-router-inspector')));
    expect(reply.headers['set-cookie']).toBeUndefined();
    expect(inspector.commands).toEqual([]);
    expect((await get('session', { cookie })).json).toMatchObject({ view: true });
  });
});

describe('what cannot be understood', () => {
  it.each([
    ['an unknown model', { model: 'cpu', command: 'pause' }, 404, 'model_unknown', /cpu.*gpu/],
    ['an unknown command', { model: 'gpu', command: 'explode' }, 400, 'request_invalid', /explode.*force_open.*drain/],
    ['no command', { model: 'gpu' }, 400, 'request_invalid', /command/],
    ['a model that is no name', { model: 1, command: 'pause' }, 400, 'request_invalid', /model/],
    ['a field too many', { ...pause, force: true }, 400, 'request_invalid', /force/],
    ['no object', '[]', 400, 'request_invalid', /body/],
    ['no JSON', '{', 400, 'request_invalid', /JSON/],
    ['too large a body', { model: 'x'.repeat(9_000), command: 'pause' }, 413, 'payload_too_large', /bytes/],
  ])('is %s', async (_, body, status, code, message) => {
    const { send, inspector } = await serve();
    const reply = await send('POST', 'control', body);
    expect(reply).toMatchObject(refusal(status, code, expect.stringMatching(message)));
    expect(inspector.commands).toEqual([]);
  });

  it.each(['control', 'session'])('is a body for %s that is not declared as JSON', async (path) => {
    const { send } = await serve();
    const reply = await send('POST', path, JSON.stringify(pause), { 'content-type': 'text/plain' });
    expect(reply).toMatchObject(refusal(415, 'unsupported_media_type'));
  });

  it.each(['control', 'session'])('is a body for %s that is packed', async (path) => {
    const { send } = await serve();
    const reply = await send('POST', path, { key: KEY }, { 'content-encoding': 'gzip' });
    expect(reply).toMatchObject(refusal(415, 'unsupported_media_type', expect.stringContaining('Content-Encoding')));
  });

  it('is a request that is not kept', async () => {
    const { get } = await serve();
    expect(await get('requests/req-2')).toMatchObject(refusal(404, 'not_found', expect.stringContaining('1,000')));
  });

  it.each([
    ['POST', 'frames'],
    ['DELETE', 'control'],
    ['POST', 'nothing'],
  ] as const)('is %s %s', async (method, path) => {
    const { send } = await serve();
    expect(await send(method, path)).toMatchObject(refusal(404, 'not_found', expect.stringContaining('/inspector')));
  });
});

it('closes the inspector together with the server', async () => {
  const { app, inspector } = await serve();
  await app.close();
  expect(inspector.isClosed).toBe(true);
});

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
    expect(await post({ ...pause, model: 'cpu' })).toMatchObject(refusal(404, 'model_unknown'));
    expect((await server.get('/nothing')).text).toContain('/inspector');
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
