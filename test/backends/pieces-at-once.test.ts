import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createBackend } from '../../src/backends/registry.ts';
import { aContext, aRequest } from './contract.ts';

/** Answers every request with this body, in one piece. */
async function serverOf(contentType: string, body: string): Promise<string> {
  const server: Server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': contentType }).end(body);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const event = (text: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })}\n\n`;
const line = (text: string): string =>
  `${JSON.stringify({ message: { role: 'assistant', content: text }, done: false })}\n`;

it.each([
  ['openai', 'text/event-stream', event],
  ['ollama', 'application/x-ndjson', line],
])('%s: what arrived together with a piece is not given to a caller who has left meanwhile', async (provider, type, piece) => {
  const baseUrl = await serverOf(type, ['one', 'two', 'three'].map(piece).join(''));
  const backend = createBackend(provider, {
    name: 'a',
    model: 'm',
    baseUrl,
    ...(provider === 'openai' && { apiKey: 'sk-1' }),
  });
  const caller = new AbortController();
  const reason = new Error('left');
  const texts: string[] = [];

  const streamed = (async () => {
    for await (const chunk of backend.stream!(aRequest(), aContext(caller.signal))) {
      if (chunk.type !== 'text') continue;
      texts.push(chunk.text);
      caller.abort(reason);
    }
  })();

  await expect(streamed).rejects.toBe(reason);
  expect(texts).toEqual(['one']);
  await backend.close?.();
});
