import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../protocol.ts';
import { session } from './api.ts';
import { type Connection, follow } from './store.ts';

const RETRY_MS = 3_000;

/**
 * Follows the router while the page is open. A browser gives a stream up for good once it was refused, as by a proxy
 * whose server restarts, or because the session is over: so the page asks for its session itself, and begins anew.
 */
export function useFollowing(connection: Connection, onSession: (session: Session) => void): void {
  const [attempt, setAttempt] = useState(0);
  useEffect(() => follow(), [attempt]);
  // An attempt that fails leaves the connection as lost as it was: so each is a reason to ask again.
  useEffect(() => {
    if (connection !== 'lost') return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const ask = (): void => {
      session().then(
        (answer) => {
          if (isOver) return;
          onSession(answer);
          setAttempt((count) => count + 1);
        },
        () => {
          if (!isOver) timer = setTimeout(ask, RETRY_MS);
        },
      );
    };
    timer = setTimeout(ask, RETRY_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [connection, attempt]);
}
