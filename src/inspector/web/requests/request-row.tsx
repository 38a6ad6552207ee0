import { memo } from 'preact/compat';
import type { RequestRow } from '../../protocol.ts';
import { clockTime, duration, words } from '../format.ts';
import { hashOf } from '../route.ts';
import { outcomeOf } from './filters.ts';

/** The columns of the list, in their order. */
export const HEADINGS = [
  'Time',
  'Id',
  'Priority',
  'Rule',
  'Model',
  'Outcome',
  'Duration',
  'Waiting',
  'Calls',
  'Cache',
  'Tenant',
] as const;

/** One settled request in the list. */
export const RequestListRow = memo(function RequestListRow({
  row,
  index,
  isSelected,
  isTabbable,
  onSelect,
}: {
  row: RequestRow;
  /** In the list, from 0. */
  index: number;
  isSelected: boolean;
  isTabbable: boolean;
  onSelect: (id: string) => void;
}) {
  const outcome = outcomeOf(row);
  const href = hashOf({ view: 'requests', chosen: row.id });
  return (
    <tr
      class="request-row"
      data-id={row.id}
      data-outcome={outcome}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      tabIndex={isTabbable ? 0 : -1}
      onFocus={() => onSelect(row.id)}
      onClick={() => {
        location.hash = href;
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') location.hash = href;
      }}
    >
      <td>{clockTime(row.at)}</td>
      <td class="request-id">{row.id}</td>
      <td class="request-priority" data-priority={row.priority}>
        {row.priority}
      </td>
      <td>{row.rule ?? '–'}</td>
      <td class="request-model">{row.model ?? '–'}</td>
      <td class="request-outcome">
        {outcome}
        {outcome === 'failed' && `: ${words(row.code ?? 'no code')}`}
      </td>
      <td class="request-figure">{duration(row.ms)}</td>
      <td class="request-figure">{duration(row.waitedMs)}</td>
      <td class="request-figure">{row.attempts}</td>
      <td>{row.cache ?? '–'}</td>
      <td>{row.tenant ?? '–'}</td>
    </tr>
  );
});
