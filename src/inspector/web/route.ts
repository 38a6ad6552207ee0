import { useEffect, useState } from 'preact/hooks';

export const VIEWS = ['fleet', 'chart', 'timeline', 'requests'] as const;
export type ViewName = (typeof VIEWS)[number];

/** What stands behind `#` in the address: `#/chart/model:gpu`, `#/requests/r-81c2`. So every place has a link. */
export interface Route {
  readonly view: ViewName;
  /** An actor's id, or a request's; null: none is chosen. */
  readonly chosen: string | null;
}

export function routeOf(hash: string): Route {
  const [view = '', ...rest] = hash.replace(/^#\/?/, '').split('/');
  const known = VIEWS.find((name) => name === view) ?? 'fleet';
  const chosen = decoded(rest.join('/'));
  return { view: known, chosen: chosen === '' ? null : chosen };
}

/** A link that somebody has mangled still opens something. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const hashOf = ({ view, chosen }: Route): string =>
  `#/${view}${chosen === null ? '' : `/${encodeURIComponent(chosen)}`}`;

export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const listener = (): void => setRoute(routeOf(location.hash));
    addEventListener('hashchange', listener);
    return () => removeEventListener('hashchange', listener);
  }, []);
  return route;
}
