/** What a strategy knows of one target. Plain figures. */
export interface TargetFigures {
  /** Its share among its rule's targets, above 0. Default 1. */
  readonly weight: number;
  readonly waiting: number;
  readonly running: number;
  /** Calls that may run at once: `maxConcurrency`. */
  readonly limit: number;
  /** Average latency as of now, in milliseconds; null: nothing measured yet. */
  readonly ewmaMs: number | null;
  /** Prices of a million tokens, all targets in one currency; null: unknown. */
  readonly pricing: { readonly inputPerMillion: number; readonly outputPerMillion: number } | null;
}

/** What a strategy knows of the request. */
export interface RequestFigures {
  readonly promptTokens: number;
  /** The most tokens it may generate; null: it does not say. */
  readonly maxTokens: number | null;
}

/** What moves with each request: kept in the router's context. */
export interface StrategyMemory {
  readonly seed: number;
  /** Requests that each rule has dealt out in rotation, by the rule's name. */
  readonly turns: Readonly<Record<string, number>>;
}

/** A target that is there. */
export interface KnownTarget {
  readonly model: string;
  readonly figures: TargetFigures;
}

/** What an ordering may look at besides its targets. */
export interface Occasion {
  readonly ruleName: string;
  readonly request: RequestFigures;
  readonly memory: StrategyMemory;
}

export interface Ordered {
  /** Every target once, the first choice first. */
  readonly order: readonly string[];
  /** The very memory that was given when nothing in it moves. */
  readonly memory: StrategyMemory;
}

/** Puts targets, given in order of declaration, into the order in which they are asked. */
export type Ordering = (targets: readonly KnownTarget[], occasion: Occasion) => Ordered;
