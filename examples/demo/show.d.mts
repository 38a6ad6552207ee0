import type { Clock, LLMRouter } from 'llm-router';

/** What happens, when (in minutes of the half hour), and to whom. */
export interface Step {
  readonly minute: number;
  readonly who: string;
  readonly says: string;
}

export interface Show {
  readonly router: LLMRouter;
  /** How many requests had which end. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Begins the traffic. */
  start(): void;
  /** Plays the half hour once. */
  play(tell: (step: Step) => void): Promise<void>;
  stop(): Promise<void>;
}

export function createShow(options: { readonly clock: Clock; readonly speed: number; readonly seed?: number }): Show;
