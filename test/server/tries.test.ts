import { describe, expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { Tries } from '../../src/server/tries.ts';
import { cookieOf, OWN_HEADER } from '../support/inspector-app.ts';
import { ask, runServer } from '../support/running-server.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const KEY = 'k-secret-4711';

const right = () => true;
const wrong = () => false;

function triesOf(clock = new VirtualClock()) {
  const tries = new Tries(clock);
  return {
    isRight: tries.isRight.bind(tries),
    failAt(address: string, times: number) {
      for (let count = 0; count < times; count++) expect(tries.isRight(address, wrong)).toBe(false);
    },
  };
}

it('looks at nothing more from an address after ten wrong tries, until the first is a minute ago', async () => {
  const clock = new VirtualClock();
  const { isRight, failAt } = triesOf(clock);
  failAt('192.0.2.1', 1);
  await clock.advance(10_000);
  failAt('192.0.2.1', 9);
  const look = () => expect.fail('it was looked at');
  expect(() => isRight('192.0.2.1', look)).toThrow(
    expect.objectContaining({ code: 'too_many_tries', retryAfterMs: 50_000 }),
  );
  await clock.advance(50_000);
  expect(isRight('192.0.2.1', right)).toBe(true);
  failAt('192.0.2.1', 1);
  expect(() => isRight('192.0.2.1', right)).toThrow('10 times');
});

it('counts each address by itself, and no try that is right', () => {
  const { isRight, failAt } = triesOf();
  failAt('192.0.2.1', 10);
  for (let count = 0; count < 20; count++) expect(isRight('192.0.2.2', right)).toBe(true);
  failAt('192.0.2.2', 10);
});

it('remembers a thousand addresses, and forgets the one that was wrong the longest ago', () => {
  const { isRight, failAt } = triesOf();
  failAt('first', 9);
  failAt('second', 10);
  failAt('first', 1);
  for (let count = 0; count < 999; count++) failAt(`other ${count}`, 1);
  expect(isRight('second', right)).toBe(true);
  expect(() => isRight('first', right)).toThrow('10 times');
});

describe('wrong keys for a server', () => {
  /** Ways to give a key: the page's, a request's of the inspector, and one of the other routes. */
  const ways = (url: string) => {
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    const headers = { ...OWN_HEADER, 'content-type': 'application/json' };
    return {
      page: (key: string, localAddress = '127.0.0.1') =>
        ask(`${url}/inspector/session`, { method: 'POST', localAddress, headers }, JSON.stringify({ key })),
      request: (key: string, localAddress = '127.0.0.1') =>
        ask(`${url}/inspector/session`, { localAddress, headers: bearer(key) }),
      stats: (key: string, localAddress = '127.0.0.1') => ask(`${url}/stats`, { localAddress, headers: bearer(key) }),
    };
  };

  it.each(['page', 'request', 'stats'] as const)('by way of %s close every way, for that address only', async (way) => {
    await using server = await runServer(new LLMRouter(), { adminKey: KEY });
    const by = ways(server.url);
    const cookie = cookieOf(await by.page(KEY));
    for (let count = 0; count < 10; count++) expect((await by[way]('wrong')).status).toBe(401);
    for (const give of Object.values(by)) {
      expect(await give(KEY)).toMatchObject({ status: 429, json: { error: { code: 'too_many_tries' } } });
      expect((await give(KEY, '127.0.0.2')).status).toBe(200);
    }
    expect((await server.get('/inspector/session', { cookie })).json).toMatchObject({ view: true });
  });

  it('are not those that are missing', async () => {
    await using server = await runServer(new LLMRouter(), { adminKey: KEY });
    for (let count = 0; count < 11; count++) expect((await server.get('/stats')).status).toBe(401);
    expect((await server.get('/stats', { authorization: `Bearer ${KEY}` })).status).toBe(200);
  });
});
