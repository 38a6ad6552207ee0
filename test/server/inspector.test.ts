import { afterEach, describe, expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { cookieOf, type InspectorApp, OWN_HEADER, runInspectorApp } from '../support/inspector-app.ts';
import { ask, eventually, type Reply, runServer } from '../support/running-server.ts';

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

describe('without an admin key, behind a proxy of this machine', () => {
  it.each([
    ['forwarded', 'for=192.0.2.7'],
    ['x-forwarded-for', '192.0.2.7'],
    ['x-forwarded-host', 'router.example'],
    ['x-real-ip', '192.0.2.7'],
    ['via', '1.1 proxy'],
  ])('takes no command where %s shows it', async (name, value) => {
    const { get, send, inspector } = await serve();
    expect((await get('session', { [name]: value })).json).toMatchObject({ view: true, control: false });
    expect(await send('POST', 'control', pause, { [name]: value })).toMatchObject(refusal(403, 'control_not_allowed'));
    expect(inspector.commands).toEqual([]);
  });

  it('takes no command under a name that is not this machine’s', async () => {
    await using server = await runServer(new LLMRouter(), { allowHosts: ['router.example'] });
    const control = async (host: string) => (await server.get('/inspector/session', { host })).json['control'];
    expect(await control('router.example')).toBe(false);
    expect(await Promise.all(['localhost:1', '127.0.0.1', '[::1]'].map(control))).toEqual([true, true, true]);
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
    expect(await asked({ cookie: `llm_router_session_${new URL(server.url).port}=${KEY}` })).toMatchObject(refused);
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
      /^llm_router_session_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Max-Age=43200$/,
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

  it('has the cookie go by https only where the page came by it', async () => {
    const { send, url } = await serve(KEY);
    const origin = url.replace('http:', 'https:');
    const signedIn = await send('POST', 'session', { key: KEY }, { origin });
    expect(signedIn.headers['set-cookie']![0]).toMatch(/; Secure$/);
    const cookie = cookieOf(signedIn);
    const signedOut = await send('DELETE', 'session', undefined, { origin, cookie });
    expect(signedOut.headers['set-cookie']![0]).toMatch(/; Max-Age=0; Secure$/);
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

  it.each(
    PATHS.filter(([, path]) => path !== ''),
  )('is refused at %s /inspector/%s when the browser says so', async (method, path) => {
    const { url, inspector } = await serve();
    for (const site of ['cross-site', 'same-site']) {
      const headers = { ...OWN_HEADER, 'content-type': 'application/json', 'sec-fetch-site': site };
      expect(await ask(`${url}/inspector/${path}`, { method, headers })).toMatchObject(
        refusal(403, 'origin_not_allowed', `Sec-Fetch-Site: given "${site}"; accepted: same-origin, none`),
      );
    }
    expect([inspector.viewers, inspector.commands]).toEqual([[], []]);
  });

  it('may open the page, which may then ask', async () => {
    const { get, send } = await serve();
    const from = (site: string) => ({ 'sec-fetch-site': site });
    for (const path of ['', 'assets/index-abc.js']) expect((await get(path, from('cross-site'))).status).toBe(200);
    for (const site of ['same-origin', 'none']) expect((await get('session', from(site))).status).toBe(200);
    expect((await send('POST', 'control', pause, from('same-origin'))).status).toBe(204);
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
