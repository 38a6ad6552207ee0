import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../protocol.ts';
import { session, signOut } from './api.ts';
import { Chart } from './chart/chart.tsx';
import { Fleet } from './fleet/fleet.tsx';
import { useFollowing } from './following.ts';
import { Header } from './header.tsx';
import { Navigation } from './navigation.tsx';
import { Lost } from './parts/lost.tsx';
import { wearKeptTheme } from './parts/theme.tsx';
import { Requests } from './requests/requests.tsx';
import { type Route, useRoute } from './route.ts';
import { SignIn } from './sign-in.tsx';
import { forget, useShown } from './store.ts';
import './style/parts.css';
import { Timeline } from './timeline/timeline.tsx';
import { titleOf } from './title.ts';
import type { ViewProps } from './view-props.ts';

export function App() {
  const [allowed, setAllowed] = useState<Session | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  // Somebody who may look without a key wants to act.
  const [isAsked, setAsked] = useState(false);
  const fail = (error: Error): void => setFailure(error.message);
  const open = (): void => {
    setFailure(null);
    session().then(setAllowed, fail);
  };
  useEffect(() => {
    wearKeptTheme();
    open();
  }, []);
  if (failure !== null) {
    return (
      <main class="gate">
        <h1>llm-router inspector</h1>
        <p role="alert">The router does not answer: {failure}</p>
        <button type="button" onClick={open}>
          Try again
        </button>
      </main>
    );
  }
  if (allowed === null) return <p class="nothing">Connecting…</p>;
  const enter = (next: Session): void => {
    setAsked(false);
    setAllowed(next);
  };
  if (!allowed.view || isAsked) {
    return <SignIn onSession={enter} onCancel={allowed.view ? () => setAsked(false) : undefined} />;
  }
  return <Inspector session={allowed} onSession={setAllowed} onSignIn={() => setAsked(true)} onFailure={fail} />;
}

interface InspectorProps {
  readonly session: Session;
  readonly onSession: (session: Session) => void;
  readonly onSignIn: () => void;
  readonly onFailure: (error: Error) => void;
}

function Inspector({ session, onSession, onSignIn, onFailure }: InspectorProps) {
  const shown = useShown();
  const route = useRoute();
  useFollowing(shown.connection, onSession);
  useEffect(() => forget, []);
  const title = titleOf(route);
  useEffect(() => {
    // Of the page before anything is shown, and after somebody has signed out.
    const plain = document.title;
    document.title = title;
    return () => {
      document.title = plain;
    };
  }, [title]);
  return (
    <div class="shell">
      <Header
        {...shown}
        session={session}
        onSignIn={onSignIn}
        onSignOut={() => void signOut().then(onSession, onFailure)}
      />
      <Lost {...shown} />
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
