import { modelOf } from './ids.ts';
import { placeIn } from './place.ts';
import type { Route } from './route.ts';

/** What a tab of the browser is called: `gpu-fast · chart · llm-router`. */
export function titleOf({ view, chosen }: Route): string {
  const parts = [view, 'llm-router'];
  if (chosen === null) return parts.join(' · ');
  const id = view === 'timeline' ? placeIn(chosen).lane : chosen;
  return [modelOf(id) ?? id, ...parts].join(' · ');
}
