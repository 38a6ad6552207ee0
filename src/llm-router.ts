import type { Subscription } from 'xstate';
import { z } from 'zod';
import { applyConfig, type BackendOf, routerOptionsOf } from './config/apply.ts';
import { environmentSchema, loadConfig } from './config/load.ts';
import type { Environment } from './config/references.ts';
import { inspected } from './inspected.ts';
import { parseOptions } from './options.ts';
import { Router } from './router.ts';
import type { RouterOptions } from './router-options.ts';
import type { Inspection, InspectOptions } from './server/inspector-options.ts';

/** What a configuration does not say: all of it optional. */
export interface FromConfigOptions extends Pick<RouterOptions, 'clock' | 'logger' | 'seed' | 'inspect' | 'id'> {
  /** Where references find their variables. Default: the process's. */
  readonly environment?: Environment | undefined;
  /** Takes the place of a model's provider, in tests for example; undefined: the model keeps its own. */
  readonly backendOf?: BackendOf | undefined;
}

/** What is handed on is checked where it is used. */
const fromConfigSchema = z.strictObject({
  environment: environmentSchema.optional(),
  backendOf: z
    .custom<BackendOf>((given) => typeof given === 'function')
    .describe('a function of the name of a model')
    .optional(),
  clock: z.unknown().optional(),
  logger: z.unknown().optional(),
  seed: z.unknown().optional(),
  inspect: z.unknown().optional(),
  id: z.unknown().optional(),
});

/** A router that can show itself. */
export class LLMRouter extends Router {
  readonly #inspections = new Set<Promise<Inspection>>();
  #stopped: Promise<void> | null = null;

  /**
   * Makes a router of a configuration: its models, rules, breakers, queues and cache.
   * @param source a file of YAML or JSON, by its path or URL; or the same as an object
   * @throws {ConfigError} with all that is wrong; then there is no router
   * @throws {ConfigurationError} when an option of its own is wrong
   */
  static fromConfig(source: string | URL | object, options: FromConfigOptions = {}): LLMRouter {
    parseOptions(fromConfigSchema, options, 'LLMRouter.fromConfig()');
    const { environment, backendOf, seed, ...own } = options;
    const { config } = loadConfig(source, { environment });
    const described = routerOptionsOf(config);
    const router = new LLMRouter({ ...described, ...own, seed: seed ?? described.seed });
    try {
      applyConfig(router, config, { backendOf });
    } catch (error) {
      void router.stop({ graceMs: 0 });
      throw error;
    }
    return router;
  }

  /**
   * Shows the router live: its charts, queues and breakers, and what happens in them. Nothing of that is loaded before.
   * The server of the page keeps the process alive until it is closed, or the router ends.
   * @throws {ConfigurationError} when an option is wrong, or the port is in use
   */
  async inspect(options: InspectOptions = {}): Promise<Inspection> {
    this.start();
    const opening = import('./server/inspector-open.ts').then(({ openInspection }) => openInspection(this, options));
    this.#inspections.add(opening);
    try {
      const { url, close } = await opening;
      let subscription: Subscription | undefined;
      const end = (): Promise<void> => {
        subscription?.unsubscribe();
        return close().finally(() => this.#inspections.delete(opening));
      };
      const endUnasked = (): void => {
        const { logger } = this[inspected];
        end().catch((error) => logger.error({ error }, 'the inspector could not be closed'));
      };
      // A router can also end with the system that it lives in, or fail; and have ended in the meantime.
      subscription = this.actor.subscribe({ error: endUnasked, complete: endUnasked });
      if (this.isStopped) await end();
      this.start();
      return { url, close: end };
    } catch (error) {
      this.#inspections.delete(opening);
      throw error;
    }
  }

  override stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    const stopped = super.stop(options);
    if (!this.isStopped) return stopped;
    this.#stopped ??= stopped.then(() => this.#closeInspections());
    return this.#stopped;
  }

  async #closeInspections(): Promise<void> {
    const openings = await Promise.allSettled(this.#inspections);
    await Promise.all(openings.map((opening) => opening.status === 'fulfilled' && opening.value.close()));
  }
}
