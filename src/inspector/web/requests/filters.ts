import type { PriorityClass } from '../../../queue/priority.ts';
import type { RequestRow } from '../../protocol.ts';

export const OUTCOMES = ['served', 'failed', 'cancelled'] as const;
export type RequestOutcome = (typeof OUTCOMES)[number];

export const outcomeOf = ({ served, code }: RequestRow): RequestOutcome =>
  served ? 'served' : code === 'cancelled' ? 'cancelled' : 'failed';

/** What the list is narrowed to; null and '': not by this. */
export interface Filters {
  /** Part of an id, a model's name, a rule's, an error's code or a tenant. */
  readonly text: string;
  readonly priority: PriorityClass | null;
  readonly outcome: RequestOutcome | null;
  readonly model: string | null;
  /** More than one call was made for it. */
  readonly isRepeated: boolean;
  /** Milliseconds. */
  readonly slowerThanMs: number | null;
}

export const NO_FILTERS: Filters = {
  text: '',
  priority: null,
  outcome: null,
  model: null,
  isRepeated: false,
  slowerThanMs: null,
};

/** Those that pass every filter, newest first. */
export function filtered(rows: readonly RequestRow[], filters: Filters): readonly RequestRow[] {
  const text = filters.text.trim().toLowerCase();
  return rows.filter((row) => passes(row, filters, text)).reverse();
}

function passes(
  row: RequestRow,
  { priority, outcome, model, isRepeated, slowerThanMs }: Filters,
  text: string,
): boolean {
  return (
    (priority === null || row.priority === priority) &&
    (outcome === null || outcomeOf(row) === outcome) &&
    (model === null || row.model === model) &&
    (!isRepeated || row.attempts > 1) &&
    (slowerThanMs === null || row.ms > slowerThanMs) &&
    (text === '' || speaksOf(row, text))
  );
}

const speaksOf = ({ id, model = '', rule, code = '', tenant = '' }: RequestRow, text: string): boolean =>
  [id, model, rule ?? '', code, tenant].some((word) => word.toLowerCase().includes(text));
