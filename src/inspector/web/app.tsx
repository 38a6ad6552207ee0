import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../protocol.ts';
import { session } from './api.ts';
import { Chart } from './chart/chart.tsx';
import { Fleet } from './fleet/fleet.tsx';
import { Header } from './header.tsx';
import { Navigation } from './navigation.tsx';
import { Requests } from './requests/requests.tsx';
import { type Route, useRoute } from './route.ts';
import { SignIn } from './sign-in.tsx';
import { follow, type Shown, useShown } from './store.ts';
import { Timeline } from './timeline/timeline.tsx';

/** What every view is given. */
export interface ViewProps extends Shown {
  readonly chosen: string | null;
  readonly session: Session;
}

export function App() {
  const [allowed, setAllowed] = useState<Session | null>(null);
  useEffect(() => void session().then(setAllowed), []);
  if (allowed === null) return null;
  return allowed.view ? <Inspector session={allowed} onSession={setAllowed} /> : <SignIn onSession={setAllowed} />;
}

function Inspector({ session, onSession }: { session: Session; onSession: (session: Session) => void }) {
  const shown = useShown();
  const route = useRoute();
  useEffect(() => follow(), []);
  return (
    <div class="shell">
      <Header {...shown} session={session} onSession={onSession} />
      <Navigation view={shown.view} route={route} />
      <main class="view" aria-label={route.view}>
        <Chosen route={route} {...shown} chosen={route.chosen} session={session} />
      </main>
    </div>
  );
}

function Chosen({ route, ...props }: ViewProps & { route: Route }) {
  switch (route.view) {
    case 'fleet':
      return <Fleet {...props} />;
    case 'chart':
      return <Chart {...props} />;
    case 'timeline':
      return <Timeline {...props} />;
    case 'requests':
      return <Requests {...props} />;
  }
}
