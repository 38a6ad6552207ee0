import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type InspectorApp, runInspectorApp } from '../support/inspector-app.ts';
import { ask } from '../support/running-server.ts';

let server: InspectorApp;
beforeEach(async () => {
  server = await runInspectorApp('k-secret-4711');
});
afterEach(() => server[Symbol.asyncDispose]());

it.each([
  ['', 'text/html; charset=utf-8', 'no-store', '<!doctype html>'],
  ['index.html', 'text/html; charset=utf-8', 'no-store', '<!doctype html>'],
  ['icon.svg', 'image/svg+xml', 'no-store', '<svg/>'],
  ['assets/index-abc.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable', 'export {};'],
  ['assets/index-abc.css', 'text/css; charset=utf-8', 'public, max-age=31536000, immutable', 'a{}'],
])('sends %j of the page to everybody, with its type', async (path, type, caching, text) => {
  const reply = await server.get(path);
  expect(reply).toMatchObject({ status: 200, text });
  expect(reply.headers).toMatchObject({ 'content-type': type, 'cache-control': caching });
});

it('lets the page load, ask and be framed by nothing but its own server', async () => {
  const { headers } = await server.get('');
  expect(headers).toMatchObject({
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  });
});

it('leads from /inspector to the page, wherever a proxy has put the server', async () => {
  const { status, headers } = await ask(`${server.url}/inspector`);
  expect(status).toBe(308);
  expect(headers.location).toBe('inspector/');
});

it.each([
  'nothing',
  'notes.txt',
  'assets',
  '..%2fbeside.json',
  '%2e%2e/beside.json',
  'assets%2f..%2f..%2fbeside.json',
  '..%5cbeside.json',
  '__proto__',
])('has no file %j', async (path) => {
  expect(await server.get(path)).toMatchObject({ status: 404, json: { error: { code: 'not_found' } } });
});

it('keeps the page as it was when it was first asked for', async () => {
  await server.get('');
  writeFileSync(join(server.folder, 'index.html'), 'another');
  expect((await server.get('')).text).toBe('<!doctype html>');
});

it('says how to build a page that is missing, and has it once it is there', async () => {
  rmSync(join(server.folder, 'index.html'));
  expect(await server.get('')).toMatchObject({
    status: 503,
    json: { error: { code: 'page_not_built', message: expect.stringContaining('npm run build') } },
  });
  writeFileSync(join(server.folder, 'index.html'), 'built');
  expect((await server.get('')).text).toBe('built');
});
