import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Router } from '../router.ts';
import { readBody } from './body.ts';

const purgeSchema = z.strictObject({
  tenant: z.string().describe('a string').optional(),
  cache_scope: z.string().describe('a string').optional(),
  prompt: z.string().describe('a string').optional(),
  older_than_ms: z.number().min(0).describe('milliseconds, 0 or more').optional(),
});

/** `POST /cache/purge`: forgets stored answers, all of them or those for which everything holds that the body says. */
export function addCachePurge(app: FastifyInstance, router: Router): void {
  app.post('/cache/purge', async ({ body }) => {
    const { cache_scope: cacheScope, older_than_ms: olderThanMs, ...what } = readBody(purgeSchema, body);
    return { purged: router.purgeCache({ ...what, cacheScope, olderThanMs }) };
  });
}
