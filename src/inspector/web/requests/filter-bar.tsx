import { PRIORITY_CLASSES } from '../../../queue/priority.ts';
import { type Filters, NO_FILTERS, OUTCOMES } from './filters.ts';

export function FilterBar({
  filters,
  models,
  onChange,
}: {
  filters: Filters;
  models: readonly string[];
  onChange: (filters: Filters) => void;
}) {
  const change = (part: Partial<Filters>): void => onChange({ ...filters, ...part });
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <label class="filter-text">
        Search
        <input
          type="search"
          value={filters.text}
          placeholder="id, model, rule, code, tenant"
          onInput={({ currentTarget }) => change({ text: currentTarget.value })}
        />
      </label>
      <Choice
        name="Priority"
        options={PRIORITY_CLASSES}
        chosen={filters.priority}
        onChoose={(priority) => change({ priority })}
      />
      <Choice name="Outcome" options={OUTCOMES} chosen={filters.outcome} onChoose={(outcome) => change({ outcome })} />
      <Choice name="Model" options={models} chosen={filters.model} onChoose={(model) => change({ model })} />
      <label>
        Slower than
        <span class="filter-ms">
          <input
            type="number"
            min="0"
            step="100"
            value={filters.slowerThanMs ?? ''}
            onInput={({ currentTarget }) =>
              change({ slowerThanMs: currentTarget.value === '' ? null : currentTarget.valueAsNumber })
            }
          />
          ms
        </span>
      </label>
      <label class="filter-check">
        <input
          type="checkbox"
          checked={filters.isRepeated}
          onChange={({ currentTarget }) => change({ isRepeated: currentTarget.checked })}
        />
        Several calls (retry or fallback)
      </label>
      <button type="button" disabled={filters === NO_FILTERS} onClick={() => onChange(NO_FILTERS)}>
        Clear
      </button>
    </form>
  );
}

/** A list to choose one of, or any. */
function Choice<T extends string>({
  name,
  options,
  chosen,
  onChoose,
}: {
  name: string;
  options: readonly T[];
  chosen: T | null;
  onChoose: (option: T | null) => void;
}) {
  return (
    <label>
      {name}
      <select
        value={chosen ?? ''}
        onChange={({ currentTarget }) => onChoose(options.find((option) => option === currentTarget.value) ?? null)}
      >
        <option value="">any</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
}
