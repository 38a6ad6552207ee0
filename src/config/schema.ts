import { z } from 'zod';
import { type BuiltInProvider, isBuiltIn, PROVIDER_OPTIONS, providers } from '../backends/registry.ts';
import { localEmbedderSchema } from '../cache/embedders/local.ts';
import { routerEmbedderSchema } from '../cache/embedders/router.ts';
import { cacheSchema } from '../cache/options.ts';
import { breakerSchema, modelSchema } from '../model-options.ts';
import { positiveMilliseconds, wholeBetween } from '../options.ts';
import { routerSchema } from '../router-options.ts';
import { matchSchema, prioritySchema, routeSchema } from '../routing-options.ts';
import { allowedHostNames, hostOf, visibleKey } from '../server/guard.ts';

// What a file may say, made of the schemas of the options that it fills in.

const breaker = z.union([z.literal(false).describe('false'), breakerSchema]);

const model = {
  ...modelSchema.omit({ backend: true, classify: true, provider: true }).shape,
  breaker: breaker.optional(),
  expectedLatencyMs: positiveMilliseconds.optional(),
};

/** Without what can only be said in code. */
const fileOptions: { readonly [Provider in BuiltInProvider]: z.ZodObject } = {
  anthropic: PROVIDER_OPTIONS.anthropic.omit({ dispatcher: true }),
  'azure-openai': PROVIDER_OPTIONS['azure-openai'].omit({ dispatcher: true }),
  ollama: PROVIDER_OPTIONS.ollama.omit({ dispatcher: true }),
  openai: PROVIDER_OPTIONS.openai.omit({ dispatcher: true }),
  simulated: PROVIDER_OPTIONS.simulated
    .omit({ clock: true })
    .extend({ answer: z.string().describe('a text').optional() }),
};

const builtIn = (provider: BuiltInProvider): z.ZodType =>
  z.strictObject({ provider: z.literal(provider), ...fileOptions[provider].shape, ...model });

const modelSchemas = Object.fromEntries(
  (Object.keys(fileOptions) as BuiltInProvider[]).map((provider) => [provider, builtIn(provider)]),
) as Readonly<Record<BuiltInProvider, z.ZodType>>;

/** Of a model with another provider, whose options nobody here knows. */
const otherModel = (provider: z.ZodType): z.ZodType => z.looseObject({ provider, ...model });

function modelSchemaFor(given: unknown): z.ZodType {
  const provider = (given as { readonly provider?: unknown } | null | undefined)?.provider;
  if (typeof provider === 'string' && isBuiltIn(provider)) return modelSchemas[provider];
  const known = providers();
  return otherModel(z.enum(known as [string, ...string[]]).describe(known.join(', ')));
}

const routerEmbedder = routerEmbedderSchema;
const localEmbedder = z.strictObject({
  provider: z.literal('local').describe("'local', or nothing").optional(),
  ...localEmbedderSchema.shape,
});
const EMBEDDER = "false, or an object with provider 'local' or 'router'";

function embedderSchemaFor(given: unknown): z.ZodType {
  if (typeof given !== 'object' || given === null) return z.literal(false).describe(EMBEDDER);
  const { provider } = given as { readonly provider?: unknown };
  return provider === 'router' ? routerEmbedder : localEmbedder;
}

const cacheOf = (embedder: z.ZodType): z.ZodType =>
  cacheSchema
    .extend({
      embedder: embedder.optional(),
      verify: z
        .strictObject({
          model: z.string().min(1).describe('the name of a model'),
          timeoutMs: positiveMilliseconds.optional(),
        })
        .describe('{ model, timeoutMs? }')
        .optional(),
    })
    .describe('cache options');

const rule = z
  .strictObject({
    match: z.union([prioritySchema, matchSchema.describe('an object of conditions')]).optional(),
    ...routeSchema.shape,
    expectedRps: z.number().positive().describe('a number above 0').optional(),
  })
  .describe('an object with targets');

const { maxQueueDepth, maxConcurrency } = modelSchema.shape;
const { maxParked, boostMs, retries, timeoutMs, readerTimeoutMs, seed } = routerSchema.shape;

const server = z.strictObject({
  host: z
    .string()
    .refine((host) => hostOf(host.includes(':') ? `[${host}]` : host) !== null)
    .describe('an address or a host name')
    .optional(),
  port: wholeBetween(0, 65_535).optional(),
  allowHosts: allowedHostNames.optional(),
  adminKey: visibleKey.optional(),
  drainDelayMs: wholeBetween(0, 3_600_000).optional(),
});

const MODELS = 'an object of models by name, at least one';

const configOf = (models: z.ZodType, cache: z.ZodType): z.ZodObject =>
  z
    .strictObject({
      models,
      rules: z.array(rule).describe('an array of rules').optional(),
      breaker: breaker.optional(),
      queue: z.strictObject({ maxQueueDepth, maxConcurrency, maxParked, boostMs }).optional(),
      retries,
      timeoutMs,
      readerTimeoutMs,
      seed,
      cache: z.union([z.literal(false).describe('false'), cache]).optional(),
      server: server.optional(),
    })
    .describe('an object with models');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema of one configuration: each model is held to the options of its provider. */
export function configSchemaFor(given: unknown): z.ZodObject {
  const { models, cache } = isRecord(given) ? given : {};
  const isFilled = isRecord(models) && Object.keys(models).length > 0;
  const byName = isFilled ? Object.entries(models).map(([name, one]) => [name, modelSchemaFor(one)]) : [];
  return configOf(
    isFilled ? z.strictObject(Object.fromEntries(byName)) : z.never().describe(MODELS),
    cacheOf(embedderSchemaFor(isRecord(cache) ? (cache['embedder'] ?? {}) : {})),
  );
}

/** The schema of every configuration, for whoever can look at one only: an editor. */
export function editorSchema(): z.ZodObject {
  const others = new RegExp(`^(?!(?:${Object.keys(modelSchemas).join('|')})$)`);
  const anyModel = z.union([...Object.values(modelSchemas), otherModel(z.string().regex(others))]);
  return configOf(
    z.record(z.string(), anyModel).describe(MODELS),
    cacheOf(z.union([z.literal(false), localEmbedder, routerEmbedder]).describe(EMBEDDER)),
  );
}
