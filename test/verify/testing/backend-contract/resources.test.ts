import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../../../src/backends/backend.ts';
import { backendContract } from '../../../../src/verify/testing/backend-contract.ts';
import { runCase } from './cases.ts';

const server = createServer((_, response) => response.end('{"content":"hi"}'));
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** As the guide writes one: the signal goes to Node's own `fetch`, which keeps its listener until it is collected. */
const make = (): Backend => ({
  async generate(_, { signal }) {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', signal });
    return (await response.json()) as { content: string };
  },
});

it('a backend over fetch keeps to the contract', async () => {
  for (const { run } of backendContract({ make, streams: false })) await run();
});

it('but does not release the signal, which is asked only of those that say so', async () => {
  const options = { make, streams: false, releasesSignal: true, limitMs: 50 };

  const error = await runCase('leaves no listener on the signal', options).catch((thrown: unknown) => thrown);

  expect((error as Error).message).toBe(
    'removing every listener from the signal of a call that is over: not within 50 ms',
  );
});
