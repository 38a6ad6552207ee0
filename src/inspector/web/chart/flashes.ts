import { useRef } from 'preact/hooks';
import type { ActorView } from '../view.ts';

interface Seen {
  actor: string;
  at: number;
  edges: Readonly<Record<string, number>>;
}

/** When each edge of an actor was last seen to fire. What fired before anybody looked does not flash. */
export function useFlashes({ info, fired }: ActorView): Readonly<Record<string, number>> {
  const seen = useRef<Seen>({ actor: info.id, at: fired.at, edges: {} });
  if (seen.current.actor !== info.id) seen.current = { actor: info.id, at: fired.at, edges: {} };
  else if (fired.at > seen.current.at) {
    const edges = { ...seen.current.edges };
    for (const edge of fired.edges) edges[edge] = fired.at;
    seen.current = { actor: info.id, at: fired.at, edges };
  }
  return seen.current.edges;
}
