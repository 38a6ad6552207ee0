/** One call as the provider saw it. Times in milliseconds since the Unix epoch. */
export interface ProviderCall {
  readonly model: string;
  readonly prompt: string;
  readonly startedAt: number;
  /** When its answer was whole or either side closed the connection; null: it is under way. */
  readonly closedAt: number | null;
  /** Pieces of a stream that it has written. */
  readonly written: number;
}

export interface Provider {
  readonly url: string;
  setPlan(plan: object): Promise<true>;
  calls(): Promise<readonly ProviderCall[]>;
  reached(prompt: string, state: 'started' | 'wrote' | 'closed'): Promise<ProviderCall>;
  stop(): Promise<void>;
}

export declare function startProvider(): Promise<Provider>;
