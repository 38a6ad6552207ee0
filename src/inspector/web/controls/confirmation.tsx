import { useEffect, useRef, useState } from 'preact/hooks';
import { control } from '../api.ts';
import type { Offer } from './commands.ts';

/** Tells what a command will do, and sends it when that is wanted. The browser gives the focus back to its button. */
export function Confirmation({ name, offer, onClose }: { name: string; offer: Offer; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  useEffect(() => dialog.current!.showModal(), []);
  const send = (): void => {
    if (isSending) return;
    setSending(true);
    setRefusal(null);
    control(name, offer.command).then(
      () => dialog.current?.close(),
      (error: Error) => {
        setSending(false);
        setRefusal(error.message);
      },
    );
  };
  return (
    <dialog ref={dialog} class="confirmation" aria-labelledby="confirmation-title" onClose={onClose}>
      <h2 id="confirmation-title">
        {offer.label}: {name}
      </h2>
      <p>{offer.whyNot ?? offer.consequence}</p>
      {refusal !== null && (
        <p class="refusal" role="alert">
          It was not done: {refusal}
        </p>
      )}
      <div class="confirmation-buttons">
        <button type="button" onClick={() => dialog.current!.close()}>
          Cancel
        </button>
        <button type="button" class="act" aria-disabled={isSending} onClick={send}>
          {isSending ? 'Sending…' : offer.label}
        </button>
      </div>
    </dialog>
  );
}
