import { useRef } from 'preact/hooks';

/** Lights up once when what it is given changes; not when it is first shown. */
export function Flash({ of }: { of: string }) {
  const seen = useRef({ of, changes: 0 });
  if (seen.current.of !== of) seen.current = { of, changes: seen.current.changes + 1 };
  const { changes } = seen.current;
  return changes === 0 ? null : <i key={changes} class="flash" aria-hidden="true" />;
}
