import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RequestDetail } from '../../protocol.ts';
import { RefusedError, requestDetail } from '../api.ts';
import { clockTime, duration, words } from '../format.ts';
import { CopyButton } from '../parts/copy.tsx';
import { hashOf } from '../route.ts';
import '../style/request-page.css';
import { Decision } from './decision.tsx';
import { outcomeOf } from './filters.ts';
import { SequenceDiagram } from './sequence-diagram.tsx';

type Asked = { readonly detail: RequestDetail } | { readonly refusal: string } | null;

/** One settled request: its way, and why it went so. */
export function RequestPage({ id }: { id: string }) {
  const [asked, setAsked] = useState<Asked>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    let isLeft = false;
    const show = (answer: Asked): void => {
      if (!isLeft) setAsked(answer);
    };
    setAsked(null);
    requestDetail(id).then(
      (detail) => show({ detail }),
      (error: Error) => show({ refusal: refusalOf(error) }),
    );
    heading.current?.focus();
    return () => {
      isLeft = true;
    };
  }, [id]);

  return (
    <article class="request-page" aria-labelledby="request-title">
      <p class="request-back">
        <a href={hashOf({ view: 'requests', chosen: null })}>All requests</a>
      </p>
      <div class="requests-top">
        <h1 id="request-title" tabIndex={-1} ref={heading}>
          Request <span class="request-id">{id}</span>
        </h1>
        <CopyButton label="Copy link" text={location.href} />
      </div>
      {asked === null && <p role="status">It is being fetched.</p>}
      {asked !== null && 'refusal' in asked && <p role="alert">{asked.refusal}</p>}
      {asked !== null && 'detail' in asked && <Found detail={asked.detail} />}
    </article>
  );
}

function refusalOf(error: Error): string {
  if (error instanceof RefusedError && error.status === 404) {
    return 'No request of this id is known: it has not settled yet, the last 1,000 have settled after it, or there was none.';
  }
  return `It could not be fetched: ${error.message}`;
}

function Found({ detail }: { detail: RequestDetail }) {
  const { row, content } = detail;
  const outcome = outcomeOf(row);
  return (
    <>
      <dl class="request-facts">
        <Fact name="Accepted">{clockTime(detail.acceptedAt)}</Fact>
        <Fact name="Outcome">
          <b data-outcome={outcome}>
            {outcome}
            {outcome === 'failed' && `: ${words(row.code ?? 'no code')}`}
          </b>
        </Fact>
        <Fact name="Duration">{duration(row.ms)}</Fact>
        <Fact name="Waiting">{duration(row.waitedMs)}</Fact>
        <Fact name="Calls">{row.attempts}</Fact>
        <Fact name="Kind">{row.streamed ? 'streamed' : 'not streamed'}</Fact>
        {row.tenant !== undefined && <Fact name="Tenant">{row.tenant}</Fact>}
      </dl>
      <h2>Sequence</h2>
      <SequenceDiagram detail={detail} />
      <h2>Decision</h2>
      <Decision detail={detail} />
      {content !== undefined && (
        <>
          <h2>Content</h2>
          <h3>Prompt</h3>
          <pre class="request-content">{content.prompt}</pre>
          <h3>Answer</h3>
          <pre class="request-content">{content.answer ?? 'There is none.'}</pre>
        </>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
