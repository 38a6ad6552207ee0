import type { Clock, LLMRouter } from 'llm-router';
import type { Step } from './show.mjs';

export interface News {
  /** The half hour begins. */
  begin(): void;
  tell(step: Step): void;
}

export function createNews(options: {
  readonly router: LLMRouter;
  readonly clock: Clock;
  readonly speed: number;
  readonly print: (line: string) => void;
}): News;
