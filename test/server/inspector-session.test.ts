import { expect, it } from 'vitest';
import { endedCookie, Sessions, sessionCookie } from '../../src/server/inspector-session.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const withCookie = (token: string, localPort = 8000) => ({
  headers: { cookie: `theme=dark; llm_router_session_8000=${token}; other=1` },
  socket: { localPort },
});

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
  { cookie: 'llm_router_session_8000' },
  { cookie: 'llm_router_session_8000=' },
  { cookie: 'llm_router_session_8000=guess' },
])('knows no session of %o', (headers) => {
  const sessions = new Sessions(new VirtualClock());
  sessions.begin();
  expect(sessions.isIn({ headers, socket: { localPort: 8000 } })).toBe(false);
});

it('does not take the cookie of another name for its own', () => {
  const sessions = new Sessions(new VirtualClock());
  const headers = { cookie: `not_llm_router_session_8000=${sessions.begin()}` };
  expect(sessions.isIn({ headers, socket: { localPort: 8000 } })).toBe(false);
});

it('knows no session by the cookie of a server at another port', () => {
  const sessions = new Sessions(new VirtualClock());
  const token = sessions.begin();
  expect(sessions.isIn(withCookie(token, 8001))).toBe(false);
  expect(sessions.isIn(withCookie(token, 800))).toBe(false);
  expect(sessions.isIn(withCookie(token, 8000))).toBe(true);
});

const asked = { headers: {}, protocol: 'http', socket: { localPort: 8000 } } as const;

it('has a cookie that no script reads and no other site sends, for the path it was set at', () => {
  expect(sessionCookie(asked, 't')).toBe('llm_router_session_8000=t; HttpOnly; SameSite=Strict; Max-Age=43200');
  expect(endedCookie(asked)).toBe('llm_router_session_8000=; HttpOnly; SameSite=Strict; Max-Age=0');
});

it.each([
  ['asked by https', { ...asked, protocol: 'https' }],
  ['asked by a page that came by https', { ...asked, headers: { origin: 'https://router.example' } }],
] as const)('has a cookie that goes by https only when %s', (_, request) => {
  expect(sessionCookie(request, 't')).toBe(`${sessionCookie(asked, 't')}; Secure`);
  expect(endedCookie(request)).toBe(`${endedCookie(asked)}; Secure`);
});

it('has a cookie that goes by http too when asked by a page that came by it', () => {
  const headers = { origin: 'http://https.example' };
  expect(sessionCookie({ ...asked, headers }, 't')).toBe(sessionCookie(asked, 't'));
});
