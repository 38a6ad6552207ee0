import type { Session } from '../protocol.ts';
import { signOut } from './api.ts';
import { duration, share } from './format.ts';
import type { Shown } from './store.ts';

/** The router at a glance. */
export function Header({
  view,
  connection,
  session,
  onSession,
}: Shown & { session: Session; onSession: (session: Session) => void }) {
  const minute = view.router?.minute;
  const settled = minute === undefined ? 0 : minute.served + minute.failed;
  return (
    <header class="header">
      <b>llm-router</b>
      {minute !== undefined && (
        <dl class="glance" aria-label="the last minute">
          <div>
            <dt>requests</dt>
            <dd>{((settled + minute.cancelled) / Math.max(1, minute.seconds)).toFixed(1)}/s</dd>
          </div>
          <div>
            <dt>success</dt>
            <dd>{share(minute.served, settled)}</dd>
          </div>
          <div>
            <dt>first token p95</dt>
            <dd>{duration(minute.timeToFirstTokenMs.p95)}</dd>
          </div>
          <div>
            <dt>cache</dt>
            <dd>
              {share(minute.cache.exact, minute.served)} exact, {share(minute.cache.semantic, minute.served)} similar
            </dd>
          </div>
        </dl>
      )}
      <span class="live" data-connection={connection} role="status">
        {connection === 'live' ? 'live' : connection === 'lost' ? 'connection lost, trying again' : 'connecting'}
      </span>
      {session.keyed && (
        <button type="button" onClick={() => void signOut().then(onSession)}>
          Sign out
        </button>
      )}
    </header>
  );
}
