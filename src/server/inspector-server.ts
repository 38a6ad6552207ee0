import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ConfigurationError } from '../errors.ts';
import { Inspector } from '../inspector/inspector.ts';
import type { Router } from '../router.ts';
import { namesOf, urlOf } from './address.ts';
import { BODY_LIMIT_BYTES, createApp, READER_TIMEOUT_MS, silent } from './app.ts';
import { addInspector } from './inspector.ts';
import type { Inspection, InspectSettings } from './inspector-options.ts';
import { openBrowser } from './open-browser.ts';

/** Serves the inspector's page of a router, and nothing else. @throws {ConfigurationError} */
export async function serveInspector(
  router: Router,
  { host, port, allowHosts, adminKey, open, includeContent }: InspectSettings,
  show: (url: string) => void = openBrowser,
): Promise<Inspection> {
  const app = createApp({
    allowHosts: namesOf(host, allowHosts),
    bodyLimitBytes: BODY_LIMIT_BYTES,
    readerTimeoutMs: READER_TIMEOUT_MS,
    logger: silent,
    readiness: { phase: 'running' },
    routes: 'GET /inspector/, /livez',
  });
  addInspector(app, new Inspector(router, { includeContent }), { adminKey });
  app.get('/', async (_request, reply) => reply.redirect('inspector/', 308));
  await listen(app, host, port);
  const url = `${urlOf(host, (app.server.address() as AddressInfo).port)}/inspector/`;
  if (open) show(url);
  let closed: Promise<void> | null = null;
  return {
    url,
    close() {
      closed ??= app.close();
      return closed;
    },
  };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new ConfigurationError(
        'port',
        `inspect().port: given ${port}, which is in use; accepted: a free one, or 0`,
      );
    }
    throw new ConfigurationError('host', `inspect().host: given ${JSON.stringify(host)}: ${message}`);
  }
}
