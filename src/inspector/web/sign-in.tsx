import { useState } from 'preact/hooks';
import type { Session } from '../protocol.ts';
import { signIn } from './api.ts';

/** Asks for the admin key. It is sent once and kept nowhere: what the browser keeps is a cookie that no script can read. */
export function SignIn({ onSession }: { onSession: (session: Session) => void }) {
  const [refusal, setRefusal] = useState<string | null>(null);
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        const field = event.currentTarget.elements.namedItem('key') as HTMLInputElement;
        signIn(field.value).then(onSession, (error: Error) => setRefusal(error.message));
        field.value = '';
      }}
    >
      <h1>llm-router inspector</h1>
      <label>
        Admin key
        <input name="key" type="password" autocomplete="current-password" required />
      </label>
      {refusal !== null && <p role="alert">{refusal}</p>}
      <button type="submit">Sign in</button>
    </form>
  );
}
