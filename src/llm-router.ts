import { Router } from './router.ts';

/** A router that can show itself. */
export class LLMRouter extends Router {}
