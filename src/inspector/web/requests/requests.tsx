import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RequestRow } from '../../protocol.ts';
import { count } from '../format.ts';
import type { ViewProps } from '../view-props.ts';
import '../style/requests.css';
import { FilterBar } from './filter-bar.tsx';
import { type Filters, filtered, modelChoices, NO_FILTERS } from './filters.ts';
import { RequestList } from './request-list.tsx';
import { RequestPage } from './request-page.tsx';
import { useSlowed } from './use-slowed.ts';

interface Kept {
  readonly filters: Filters;
  /** The rows at which the list stands still; null: it follows. */
  readonly still: readonly RequestRow[] | null;
  readonly selected: string | null;
}

/** How often the list is renewed, in milliseconds. */
const RENEWED_MS = 250;

/** How the list is left, so that it is found so again. */
let kept: Kept = { filters: NO_FILTERS, still: null, selected: null };

/** The last settled requests, or one of them. */
export function Requests({ view, chosen }: ViewProps) {
  const before = useRef(chosen);
  useEffect(() => {
    before.current = chosen;
  }, [chosen]);
  return chosen === null ? (
    <List rows={view.requests} isReturned={before.current !== null} />
  ) : (
    <RequestPage id={chosen} />
  );
}

function List({
  rows: now,
  isReturned: comesBack,
}: {
  rows: readonly RequestRow[];
  /** From the page of a request. */
  isReturned: boolean;
}) {
  const [isReturned] = useState(comesBack);
  const [{ filters, still, selected }, setState] = useState(kept);
  const rows = useSlowed(now, RENEWED_MS);
  const latest = useRef(rows);
  latest.current = rows;
  const change = (part: Partial<Kept>): void => {
    kept = { ...kept, ...part };
    setState(kept);
  };
  // The list is drawn anew only when what it is given changes.
  const pause = useCallback((): void => {
    if (kept.still === null) change({ still: latest.current });
  }, []);
  const select = useCallback((id: string): void => {
    if (kept.selected !== id || kept.still === null) change({ selected: id, still: kept.still ?? latest.current });
  }, []);

  const known = still ?? rows;
  const shown = useMemo(() => filtered(known, filters), [known, filters]);
  const models = useMemo(() => modelChoices(known, filters.model), [known, filters.model]);
  const newer = still === null ? 0 : (rows.at(-1)?.n ?? 0) - (still.at(-1)?.n ?? 0);

  const heading = useRef<HTMLHeadingElement>(null);
  // Who comes back to a list in which nothing is selected begins at its top.
  useEffect(() => {
    if (isReturned && !shown.some(({ id }) => id === selected)) heading.current!.focus();
  }, []);

  return (
    <section class="requests" aria-labelledby="requests-title">
      <div class="requests-top">
        <h1 id="requests-title" tabIndex={-1} ref={heading}>
          Requests
        </h1>
        <p>
          {count(shown.length)} of {count(known.length)}
          {still !== null && `, ${count(newer)} newer`}
        </p>
        <span role="status">{still !== null && 'Paused'}</span>
        <button type="button" onClick={() => (still === null ? pause() : change({ still: null, selected: null }))}>
          {still === null ? 'Pause' : 'Live'}
        </button>
      </div>
      <FilterBar filters={filters} models={models} onChange={(next) => change({ filters: next })} />
      {shown.length === 0 && (
        <p class="requests-none">
          {known.length === 0 ? 'No request has settled yet.' : 'No request passes these filters.'}
        </p>
      )}
      <RequestList
        isLive={still === null}
        isReturned={isReturned}
        rows={shown}
        selected={selected}
        onSelect={select}
        onScrollAway={pause}
      />
    </section>
  );
}
