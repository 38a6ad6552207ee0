import { expect, it } from 'vitest';
import { endedCookie, Sessions, sessionCookie } from '../../src/server/inspector-session.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const withCookie = (token: string) => ({ cookie: `theme=dark; llm_router_session=${token}; other=1` });

it('keeps a session for twelve hours', async () => {
  const clock = new VirtualClock();
  const sessions = new Sessions(clock);
  const token = sessions.begin();
  await clock.advance(12 * HOUR_MS - 1);
  expect(sessions.isIn(withCookie(token))).toBe(true);
  await clock.advance(1);
  expect(sessions.isIn(withCookie(token))).toBe(false);
});

it('keeps a hundred sessions, and drops the oldest for another', () => {
  const sessions = new Sessions(new VirtualClock());
  const tokens = Array.from({ length: 101 }, () => sessions.begin());
  expect(new Set(tokens).size).toBe(101);
  expect(tokens.map((token) => sessions.isIn(withCookie(token)))).toEqual([false, ...Array(100).fill(true)]);
});

it('ends the session of the request, and no other', () => {
  const sessions = new Sessions(new VirtualClock());
  const [one, other] = [sessions.begin(), sessions.begin()];
  sessions.end(withCookie(one));
  expect([one, other].map((token) => sessions.isIn(withCookie(token)))).toEqual([false, true]);
});

it('gives out 256 bits', () => {
  expect(Buffer.from(new Sessions(new VirtualClock()).begin(), 'base64url')).toHaveLength(32);
});

it.each([
  {},
  { cookie: '' },
  { cookie: 'llm_router_session=' },
  { cookie: 'llm_router_session=guess' },
])('knows no session of %o', (headers) => {
  const sessions = new Sessions(new VirtualClock());
  sessions.begin();
  expect(sessions.isIn(headers)).toBe(false);
});

it('does not take the cookie of another name for its own', () => {
  const sessions = new Sessions(new VirtualClock());
  expect(sessions.isIn({ cookie: `not_llm_router_session=${sessions.begin()}` })).toBe(false);
});

it('has a cookie that no script reads and no other site sends', () => {
  expect(sessionCookie('t', false)).toBe(
    'llm_router_session=t; HttpOnly; SameSite=Strict; Path=/inspector; Max-Age=43200',
  );
  expect(sessionCookie('t', true)).toBe(`${sessionCookie('t', false)}; Secure`);
  expect(endedCookie(false)).toBe('llm_router_session=; HttpOnly; SameSite=Strict; Path=/inspector; Max-Age=0');
});
