import { useEffect, useRef } from 'preact/hooks';

/** Does something when a link is followed to where the address points already: it does not change then. */
export function useVisitedAgain(view: { readonly current: HTMLElement | null }, onVisit: () => void): void {
  const latest = useRef(onVisit);
  latest.current = onVisit;
  useEffect(() => {
    const element = view.current!;
    const listener = ({ target }: Event): void => {
      const link = target instanceof Element ? target.closest('a') : null;
      if (link !== null && link.hash === location.hash) latest.current();
    };
    element.addEventListener('click', listener);
    return () => element.removeEventListener('click', listener);
  }, [view]);
}
