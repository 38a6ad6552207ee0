import type { StateValue } from '../../protocol.ts';

/** The paths of all states that are active, from the root's, which is empty. */
export function activePaths(value: StateValue | null): ReadonlySet<string> {
  const paths = new Set<string>();
  if (value === null) return paths;
  paths.add('');
  addBelow('', value, paths);
  return paths;
}

function addBelow(path: string, value: StateValue, paths: Set<string>): void {
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if (typeof value === 'string') {
    paths.add(below(value));
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    paths.add(below(key));
    addBelow(below(key), inner, paths);
  }
}

/** `open · blocked · active` */
export function stateText(value: StateValue | null): string {
  if (value === null) return '';
  if (typeof value === 'string') return value.replaceAll('_', ' ');
  return Object.values(value).map(stateText).join(' · ');
}
