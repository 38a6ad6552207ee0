import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { inspect } from '../../src/cli/inspect.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { build } from '../support/build.ts';
import { eventually, type RunningServer, runServer } from '../support/running-server.ts';

let server: RunningServer | null = null;
const others: ReturnType<typeof createServer>[] = [];
afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = null;
  for (const other of others.splice(0)) other.close();
});

/** What is printed, and what is shown in the browser. */
async function run(url: string, open = true) {
  const printed: string[] = [];
  const shown: string[] = [];
  await inspect(url, { open }, { print: (text) => printed.push(text), show: (page) => shown.push(page) });
  return { printed, shown };
}

/** The address of a server that is none of ours. */
async function other(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  others.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('llm-router inspect', () => {
  it('prints and opens the page of a server that runs', async () => {
    server = await runServer();
    const page = `${server.url}/inspector/`;
    expect(await run(server.url)).toEqual({ printed: [`${page}\n`], shown: [page] });
  });

  it('only prints with --no-open', async () => {
    server = await runServer();
    expect(await run(server.url, false)).toMatchObject({ printed: [`${server.url}/inspector/\n`], shown: [] });
  });

  it.each(['/', '/inspector', '/inspector/', '/inspector/#/chart'])('takes an address with %s too', async (path) => {
    server = await runServer();
    expect((await run(server.url + path)).shown).toEqual([`${server.url}/inspector/`]);
  });

  it('needs no key to open a page that asks for one', async () => {
    server = await runServer(new LLMRouter(), { adminKey: 'k-secret-4711' });
    expect((await run(server.url)).shown).toEqual([`${server.url}/inspector/`]);
  });

  it('finds the inspector of a router in a process of its own', async () => {
    const router = new LLMRouter();
    const { url } = await router.inspect();
    expect((await run(url)).shown).toEqual([url]);
    await router.stop();
  });

  it.each([
    ['router', /^inspect: given "router", which is no URL; accepted: .*http:\/\/127\.0\.0\.1:8000$/],
    ['localhost:8000', /^inspect: given "localhost:8000", which is no http or https URL; accepted: /],
    ['file:///etc/passwd', /no http or https URL/],
    ['http://me:k-secret@localhost', /^inspect: given a URL with a user or a password; accepted: [^@]*$/],
  ])('says what is wrong with %s', async (url, message) => {
    await expect(run(url)).rejects.toThrow(message);
  });

  it('says that nobody answers', async () => {
    const url = await other(() => {});
    await new Promise((resolve) => others.pop()!.close(resolve));
    await expect(run(url)).rejects.toThrow(new RegExp(`^inspect: nobody answers at ${url}: .*ECONNREFUSED`));
  });

  it('says that a server has no inspector', async () => {
    server = await runServer(new LLMRouter(), { inspector: false });
    await expect(run(server.url)).rejects.toThrow(`inspect: the llm-router at ${server.url} has no inspector`);
  });

  it.each([
    ['a page', 'text/html', '<html>'],
    ['null', 'application/json', 'null'],
    ['another object', 'application/json', '{"status":"ok"}'],
  ])('says that what answers with %s is no llm-router', async (_, type, body) => {
    const url = await other((_request, response) => response.setHeader('content-type', type).end(body));
    await expect(run(url)).rejects.toThrow(`inspect: what answers at ${url} is no llm-router`);
  });

  it('passes on why it is refused', async () => {
    const error = { code: 'host_not_allowed', message: 'Host: given that; accepted: this' };
    const url = await other((_request, response) => response.writeHead(421).end(JSON.stringify({ error })));
    await expect(run(url)).rejects.toThrow(`inspect: ${url} refuses to answer: Host: given that; accepted: this`);
  });
});

it('finds what llm-router serve says in its first lines', async () => {
  const built = build();
  const run = (args: readonly string[]) => {
    const env = { ...process.env, OLLAMA_HOST: '127.0.0.1:1', OPENAI_API_KEY: '' };
    const child = spawn(process.execPath, [join(built.dir, 'src/cli/main.js'), ...args], { env });
    const output = { text: '' };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output.text += data));
    return { child, output, exit: once(child, 'close').then(([code]) => code as number) };
  };
  const served = run(['serve', '--port', '0']);
  const page = await eventually(() => /^Inspector: (http:\S+\/inspector\/)$/m.exec(served.output.text)?.[1], 40_000);
  expect(served.output.text.split('\n').slice(0, 3).join()).toContain(page);
  const found = run(['inspect', '--no-open', new URL(page).origin]);
  expect([await found.exit, found.output.text]).toEqual([0, `${page}\n`]);
  const wrong = run(['inspect', 'nowhere']);
  expect(await wrong.exit).toBe(1);
  expect(wrong.output.text).toMatch(/^llm-router: inspect: given "nowhere", which is no URL; [^\n]*\n$/);
  served.child.kill('SIGTERM');
  expect(await served.exit).toBe(0);
}, 90_000);
