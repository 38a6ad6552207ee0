import { useEffect, useState } from 'preact/hooks';

/** As the style sheet has it. */
const NARROW = '(max-width: 700px)';

/** Whether there is room for one thing beside another. */
export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const listener = (): void => setNarrow(query.matches);
    query.addEventListener('change', listener);
    return () => query.removeEventListener('change', listener);
  }, []);
  return isNarrow;
}
