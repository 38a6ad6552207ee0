import { useState } from 'preact/hooks';
import type { Command, ModelFigures, Session } from '../../protocol.ts';
import '../style/controls.css';
import { offersOf } from './commands.ts';
import { Confirmation } from './confirmation.tsx';

/** What an operator can do to a model; each is confirmed first. */
export function Controls({ name, figures, session }: { name: string; figures: ModelFigures; session: Session }) {
  const [asked, setAsked] = useState<Command | null>(null);
  if (!session.control) {
    return (
      <p class="quiet">
        {session.keyed
          ? 'You can look, but not act: sign in with the admin key to control models.'
          : 'You can look, but not act: without an admin key, models are controlled from the router’s machine only.'}
      </p>
    );
  }
  const offers = offersOf(figures);
  const offer = offers.find(({ command }) => command === asked);
  return (
    <>
      <div class="controls">
        {offers.map(({ command, label, whyNot }) => (
          // Not `disabled`: it would drop the focus, and could not say why.
          <button
            key={command}
            type="button"
            aria-disabled={whyNot !== null}
            title={whyNot ?? undefined}
            onClick={() => whyNot === null && setAsked(command)}
          >
            {label}
          </button>
        ))}
      </div>
      {offer !== undefined && (
        <Confirmation key={offer.command} name={name} offer={offer} onClose={() => setAsked(null)} />
      )}
    </>
  );
}
