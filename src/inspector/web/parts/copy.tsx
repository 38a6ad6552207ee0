import { useEffect, useRef, useState } from 'preact/hooks';

interface CopyButtonProps {
  /** What the button says: `Copy link`. */
  readonly label: string;
  /** What is copied. */
  readonly text: string;
}

/**
 * Copies a text. Where the browser does not let the page do it, as on an origin that is not secure, the text is shown
 * selected in a field, to be copied by hand.
 */
export function CopyButton({ label, text }: CopyButtonProps) {
  // What was copied, or has to be by hand; null: nothing yet.
  const [asked, setAsked] = useState<{ readonly text: string; readonly isCopied: boolean } | null>(null);
  // What was said of another text is no longer so.
  const told = asked?.text === text ? asked : null;
  return (
    <span class="copy">
      <button
        type="button"
        onClick={() => {
          copied(text).then(
            () => setAsked({ text, isCopied: true }),
            () => setAsked({ text, isCopied: false }),
          );
        }}
      >
        {label}
      </button>
      <span class="copy-told" role="status">
        {told?.isCopied === true && 'Copied.'}
        {told?.isCopied === false && 'The browser does not let the page copy: copy the selected text.'}
      </span>
      {told?.isCopied === false && <ByHand label={label} asked={told} />}
    </span>
  );
}

/** Without a clipboard, reading it throws: which rejects here too. */
const copied = async (text: string): Promise<void> => navigator.clipboard.writeText(text);

function ByHand({ label, asked }: { label: string; asked: { readonly text: string } }) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current!.focus();
    field.current!.select();
    // Selecting has scrolled to the end.
    field.current!.scrollTop = 0;
  }, [asked]);
  return (
    <textarea
      ref={field}
      class="copy-field"
      readOnly
      aria-label={`${label}: the text`}
      rows={Math.min(6, asked.text.split('\n').length)}
      value={asked.text}
    />
  );
}
