import type { Session } from '../protocol.ts';
import { duration, share } from './format.ts';
import { ThemeToggle } from './parts/theme.tsx';
import type { Shown } from './store.ts';

interface HeaderProps extends Shown {
  readonly session: Session;
  readonly onSignIn: () => void;
  readonly onSignOut: () => void;
}

/** The router at a glance. */
export function Header({ view, connection, session, onSignIn, onSignOut }: HeaderProps) {
  return (
    <header class="header">
      <p class="header-name">llm-router</p>
      <dl class="glance" aria-label="The last minute">
        {figuresOf(view).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div class="header-end">
        <span class="live" data-connection={connection} role="status">
          {connection}
        </span>
        <ThemeToggle />
        {session.keyed && (
          <button type="button" onClick={session.control ? onSignOut : onSignIn}>
            {session.control ? 'Sign out' : 'Sign in'}
          </button>
        )}
      </div>
    </header>
  );
}

function figuresOf({ router }: Shown['view']): [string, string][] {
  if (router === null) return [];
  const { minute, cache, pending } = router;
  const judged = minute.served + minute.failed;
  const { exact, semantic, shared, missed } = minute.cache;
  const lookedUp = exact + semantic + shared + missed;
  return [
    ['requests', `${((judged + minute.cancelled) / Math.max(1, minute.seconds)).toFixed(1)}/s`],
    ['in progress', String(pending)],
    ['success', share(minute.served, judged)],
    ['first token p95', duration(minute.timeToFirstTokenMs.p95)],
    ...(cache === null
      ? []
      : [['cache', `${share(exact, lookedUp)} exact, ${share(semantic, lookedUp)} similar`] as [string, string]]),
  ];
}
