import { useState } from 'preact/hooks';
import type { Session } from '../protocol.ts';
import { signIn } from './api.ts';
import './style/sign-in.css';

interface SignInProps {
  readonly onSession: (session: Session) => void;
  /** Leads back to what is shown without a key; absent: nothing is. */
  readonly onCancel?: (() => void) | undefined;
}

/** Asks for the admin key. It is sent once and kept nowhere: what the browser keeps is a cookie that no script can read. */
export function SignIn({ onSession, onCancel }: SignInProps) {
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  return (
    <main class="gate">
      <form
        class="sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          const field = event.currentTarget.elements.namedItem('key') as HTMLInputElement;
          setSending(true);
          setRefusal(null);
          signIn(field.value).then(onSession, (error: Error) => {
            setSending(false);
            setRefusal(error.message);
            field.focus();
          });
          field.value = '';
        }}
      >
        <h1>llm-router inspector</h1>
        <p class="quiet">
          {onCancel === undefined
            ? 'What the router does is shown to those who have its admin key.'
            : 'Models are controlled by those who have the router’s admin key.'}
        </p>
        <label for="key">Admin key</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="current-password"
          required
          aria-invalid={refusal !== null}
          aria-describedby={refusal !== null ? 'refusal' : undefined}
        />
        {refusal !== null && (
          <p id="refusal" class="refusal" role="alert">
            {refusal}
          </p>
        )}
        <div class="sign-in-buttons">
          <button type="submit" class="act" disabled={isSending}>
            {isSending ? 'Signing in…' : 'Sign in'}
          </button>
          {onCancel !== undefined && (
            <button type="button" onClick={onCancel}>
              Back
            </button>
          )}
        </div>
      </form>
    </main>
  );
}
