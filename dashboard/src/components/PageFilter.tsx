import { useSearchParams } from 'react-router';
import { useSetParameters } from '../scope/scope.js';

interface FindProps {
  /** Of the address, which holds what is looked for. */
  readonly parameter: string;
  readonly label: string;
  readonly placeholder: string;
}

/** Narrows what the page shows by a text; `/` leads to it. */
export function FindField({ parameter, label, placeholder }: FindProps) {
  const [parameters] = useSearchParams();
  const set = useSetParameters();
  return (
    <input
      className="field"
      type="search"
      placeholder={placeholder}
      aria-label={label}
      data-page-filter
      value={parameters.get(parameter) ?? ''}
      onChange={(event) => set({ [parameter]: event.target.value })}
    />
  );
}

interface ChoiceProps {
  readonly parameter: string;
  readonly label: string;
  /** null where nothing is chosen. */
  readonly value: string | null;
  /** What stands for no choice; missing where there always is one. */
  readonly none?: string;
  readonly options: readonly { readonly value: string; readonly words: string }[];
}

/** Narrows or orders what the page shows by one of a few words. */
export function ChoiceField({ parameter, label, value, none, options }: ChoiceProps) {
  const set = useSetParameters();
  return (
    <select
      className="choice"
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => set({ [parameter]: event.target.value })}
    >
      {none !== undefined && <option value="">{none}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.words}
        </option>
      ))}
    </select>
  );
}
