import type { Clock } from '../clock.ts';
import type { Entry } from '../entry.ts';
import type { GenerateOptions } from '../generate-options.ts';
import type { Logger } from '../router-options.ts';
import type { Slip } from '../routing/slip.ts';
import type { OwnSettled } from '../submission.ts';

/** What the cache needs of the router that it belongs to. */
export interface CacheHost {
  readonly clock: Clock;
  readonly logger: Logger;
  /** What a pending request carries; undefined: it is over or called off. */
  request(id: string): Entry | undefined;
  /**
   * Makes a request of the cache's own, along the way of one that is pending, with the same content and a default
   * deadline; `send` sends it. `settled` is called once.
   */
  prepare(leader: Slip, settled: OwnSettled): { readonly id: string; readonly send: () => void };
  /** Asks one of the router's models on the cache's behalf. `settled` is called once. @throws as `generate` rejects */
  ask(prompt: string, options: GenerateOptions, settled: OwnSettled): void;
  /** As `ask`, for a text's vector: the answer has it as `raw`. */
  embed(text: string, options: GenerateOptions, settled: OwnSettled): void;
  /** Calls a request of the cache's own off. */
  cancel(id: string): void;
  /** The targets of a rule; null: there is no such rule. */
  targetsOf(rule: string | null): readonly string[] | null;
  /** How far a pending request has got, for its trace if it is called off. */
  note(slip: Slip): void;
  /** Whether a model answers requests. */
  isChatModel(name: string): boolean;
  /** The provider and the provider's name for a model; null: there is no such model, or it serves no embeddings. */
  embeddingModel(name: string): { readonly provider: string; readonly model: string | null } | null;
}
