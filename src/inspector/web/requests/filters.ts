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

/** Every model that was called, or that answered. */
const modelsOf = ({ called, model }: RequestRow): readonly string[] => called ?? (model === undefined ? [] : [model]);

/** The models that can be chosen, in alphabetical order: those of the rows, and the one that is chosen already. */
export const modelChoices = (rows: readonly RequestRow[], chosen: string | null): readonly string[] =>
  [...new Set([...rows.flatMap(modelsOf), ...(chosen === null ? [] : [chosen])])].sort();

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
    (model === null || modelsOf(row).includes(model)) &&
    (!isRepeated || row.attempts > 1) &&
    (slowerThanMs === null || row.ms > slowerThanMs) &&
    (text === '' || speaksOf(row, text))
  );
}

const speaksOf = (row: RequestRow, text: string): boolean =>
  [row.id, ...modelsOf(row), row.rule ?? '', row.code ?? '', row.tenant ?? ''].some((word) =>
    word.toLowerCase().includes(text),
  );
