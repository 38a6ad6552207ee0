import { memo } from 'preact/compat';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RequestRow } from '../../protocol.ts';
import { rowAfter, scrolledTo, visibleRows } from '../parts/visible-rows.ts';
import { useNarrow } from './narrow.ts';
import { HEADINGS, RequestListRow } from './request-row.tsx';

/** Of a row, in pixels: one line, and on a narrow screen two. */
const LINE = 32;
const TWO_LINES = 54;

/** The list, of which only what is seen is in the page. */
export const RequestList = memo(function RequestList({
  rows,
  isLive,
  isReturned,
  selected,
  onSelect,
  onScrollAway,
}: {
  rows: readonly RequestRow[];
  /** It follows, and begins at the newest. */
  isLive: boolean;
  /** From the page of the selected request, to which the focus comes back. */
  isReturned: boolean;
  selected: string | null;
  /** By its keys or its rows. */
  onSelect: (id: string) => void;
  onScrollAway: () => void;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const height = useHeight(body);
  const isNarrow = useNarrow();
  const [scrollTop, setScrollTop] = useState(0);
  const rowHeight = isNarrow ? TWO_LINES : LINE;
  const chosen = rows.findIndex(({ id }) => id === selected);
  const { from, to } = visibleRows(rows.length, rowHeight, scrollTop, height);

  const isShown = useRef(false);
  const show = (index: number, isFocused: boolean): void => {
    const list = body.current!;
    list.scrollTop = scrolledTo(index, rowHeight, list.scrollTop, height);
    setScrollTop(list.scrollTop);
    if (!isFocused) return;
    // The row may only be in the page after it has been drawn.
    requestAnimationFrame(() =>
      list.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"]`)?.focus({ preventScroll: true }),
    );
  };

  // Who comes back from a request finds it where it was.
  useLayoutEffect(() => {
    if (chosen < 0 || height === 0) return;
    show(chosen, isReturned && !isShown.current);
    isShown.current = true;
  }, [height]);

  useLayoutEffect(() => {
    if (isLive) body.current!.scrollTop = 0;
  }, [isLive]);

  const move = (event: KeyboardEvent): void => {
    const next = rowAfter(event.key, chosen, rows.length, Math.max(1, Math.floor(height / rowHeight) - 1));
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onSelect(rows[next]!.id);
    show(next, true);
  };

  return (
    <table
      class="request-list"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrows move over its rows, as over a grid's
      role="grid"
      aria-label="Settled requests"
      aria-rowcount={rows.length + 1}
      onKeyDown={move}
    >
      <thead>
        <tr class="request-head" aria-rowindex={1}>
          {HEADINGS.map((heading) => (
            <th key={heading} scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody
        ref={body}
        aria-label="Requests; an arrow key selects one"
        // A live row moves away with the focus; until one is selected, the list itself has it.
        tabIndex={chosen < 0 ? 0 : -1}
        onScroll={({ currentTarget }) => {
          setScrollTop(currentTarget.scrollTop);
          if (currentTarget.scrollTop > 0) onScrollAway();
        }}
      >
        <tr class="request-space" style={{ height: `${from * rowHeight}px` }} />
        {rows.slice(from, to).map((row, offset) => (
          <RequestListRow
            key={row.n}
            row={row}
            index={from + offset}
            isSelected={row.id === selected}
            onSelect={onSelect}
          />
        ))}
        <tr class="request-space" style={{ height: `${(rows.length - to) * rowHeight}px` }} />
      </tbody>
    </table>
  );
});

/** How high an element is, in pixels; 0: it is not in the page yet. */
function useHeight(element: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setHeight(entry!.target.clientHeight));
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, [element]);
  return height;
}
