import { useEffect, useRef, useState } from 'preact/hooks';

/** A value that changes often, renewed only every so many milliseconds: nobody reads faster. */
export function useSlowed<T>(value: T, everyMs: number): T {
  const [shown, setShown] = useState(value);
  const latest = useRef(value);
  latest.current = value;
  useEffect(() => {
    const timer = setInterval(() => setShown(() => latest.current), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return shown;
}
