import type { Terminal } from './terminal.ts';

const START_AND_CLEAR = '\r\u001b[K';
const USUAL_COLUMNS = 80;

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

/** One line of a terminal that is written over and over. */
export function progressLine(terminal: Terminal): {
  readonly show: (progress: Progress) => void;
  readonly remove: () => void;
} {
  // Some terminals say 0, because they do not know.
  const columns = terminal.columns || USUAL_COLUMNS;
  let shown = '';
  return {
    show({ done, total, what }) {
      const text = `${Math.floor((done / Math.max(total, 1)) * 100)} % ${what}`.slice(0, columns - 1);
      if (text === shown) return;
      shown = text;
      terminal.write(START_AND_CLEAR + text);
    },
    remove() {
      if (shown !== '') terminal.write(START_AND_CLEAR);
    },
  };
}
