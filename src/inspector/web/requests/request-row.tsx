import { memo } from 'preact/compat';
import type { RequestRow } from '../../protocol.ts';
import { clockTime, duration, words } from '../format.ts';
import { hashOf } from '../route.ts';
import { cacheWord } from './cache-verdict-words.ts';
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
  onSelect,
}: {
  row: RequestRow;
  /** In the list, from 0. */
  index: number;
  isSelected: boolean;
  onSelect: (id: string) => void;
}) {
  const outcome = outcomeOf(row);
  const open = (): void => {
    onSelect(row.id);
    location.hash = hashOf({ view: 'requests', chosen: row.id });
  };
  return (
    <tr
      class="request-row"
      data-id={row.id}
      data-outcome={outcome}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      tabIndex={isSelected ? 0 : -1}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key === 'Enter') open();
      }}
    >
      <td>{clockTime(row.at)}</td>
      <td class="request-id">{row.id}</td>
      <td class="request-priority" data-priority={row.priority}>
        {row.priority}
      </td>
      <td>{row.rule ?? '–'}</td>
      <td class="request-model" title={row.called?.join(' → ')}>
        {row.model ?? '–'}
      </td>
      <td class="request-outcome">
        {outcome}
        {outcome === 'failed' && `: ${words(row.code ?? 'no code')}`}
      </td>
      <td class="request-figure">{duration(row.ms)}</td>
      <td class="request-figure">{duration(row.waitedMs)}</td>
      <td class="request-figure">{row.attempts}</td>
      <td>{row.cache === undefined ? '–' : cacheWord(row.cache)}</td>
      <td>{row.tenant ?? '–'}</td>
    </tr>
  );
});
