/** Rows beyond the edges that are drawn too, so that scrolling shows no holes. */
const MARGIN = 8;

export interface VisibleRows {
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
}

/** Which rows of a scrolled list are drawn; lengths in pixels. */
export function visibleRows(count: number, rowHeight: number, scrollTop: number, height: number): VisibleRows {
  const first = Math.floor(scrollTop / rowHeight);
  const from = Math.max(0, Math.min(count, first - MARGIN));
  return { from, to: Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + MARGIN) };
}

/** How far to scroll so that a row is seen whole; as before when it is. */
export function scrolledTo(index: number, rowHeight: number, scrollTop: number, height: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}

/** Where a key leads in a list of so many rows; null: nowhere. */
export function rowAfter(key: string, index: number, count: number, pageRows: number): number | null {
  const to = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + pageRows,
    PageUp: index - pageRows,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined || count === 0 ? null : Math.max(0, Math.min(count - 1, to));
}
