// The router inside a server of your own: your routes, your limits, your words; the router decides and answers.
import { type FastifyInstance, fastify } from 'fastify';
import { LLMRouter, LLMRouterError } from 'llm-router';

export function createApp(router: LLMRouter): FastifyInstance {
  const app = fastify();

  app.post<{ Body: { question: string } }>('/ask', async (request, reply) => {
    // A client that leaves calls its request off.
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    const { content, modelUsed } = await router.generate(request.body.question, {
      priority: 'high',
      timeoutMs: 20_000,
      signal: gone.signal,
    });
    return reply.header('x-model', modelUsed).send({ answer: content });
  });

  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof LLMRouterError)) return reply.code(500).send({ error: 'internal_error' });
    if (error.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterMs / 1_000));
    return reply.code(error.status).send({ error: error.code });
  });

  app.addHook('onClose', () => router.stop());
  return app;
}

export function createRouter(): LLMRouter {
  const router = new LLMRouter();
  router.addModel('local', { provider: 'ollama', model: 'llama3:8b' });
  router.addModel('cloud', { provider: 'openai', model: 'gpt-4o-mini', apiKey: process.env['OPENAI_API_KEY'] });
  router.addRoute('high', { targets: ['local'], fallback: ['cloud'] });
  return router;
}
