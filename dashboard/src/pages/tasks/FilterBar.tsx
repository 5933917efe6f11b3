import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { FieldProblem } from '../../api/problem.js';
import { Icon } from '../../components/Icon.js';
import { FilterProblem } from './FilterProblem.js';
import { askable, completed, filterOf, termsOf, typingOf } from './task-filter.js';
import { useSuggestions } from './use-suggestions.js';
import './filter.css';

interface Props {
  readonly filter: string;
  readonly change: (filter: string) => void;
  /** What the service did not understand of it. */
  readonly problem: FieldProblem | null;
}

/** Keys that come as fast as this, as from a scanner or a held key, are one change. */
const PAUSE_MS = 30;

/** What is not understood is told after this pause: half a word is no mistake. */
const PROBLEM_AFTER_MS = 1_000;

/** Filters on their way into the address. */
const REMEMBERED = 8;

/** Chips and draft together are the filter. */
interface Parts {
  /** What this bar has made of them lately: none of it comes from elsewhere. */
  readonly sent: readonly string[];
  readonly terms: readonly string[];
  readonly draft: string;
}

/** The filter as chips, and a field for the next term, with completion. What is typed counts at once; Enter makes it a chip. */
export function FilterBar({ filter, change, problem }: Props) {
  const [parts, setParts] = useState<Parts>({ sent: [filter], terms: termsOf(filter), draft: '' });
  // The address follows what was typed with a delay; a filter that came from elsewhere is all chips.
  const { sent, terms, draft } = parts.sent.includes(filter) ? parts : { sent: [], terms: termsOf(filter), draft: '' };
  const [open, setOpen] = useState(false);
  const [marked, setMarked] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const typed = useTyped();
  const list = useId();
  const typing = typingOf(draft);
  const suggestions = useSuggestions(typing);
  const shown = open && suggestions.length > 0;

  useEffect(() => () => clearTimeout(timer.current), []);

  const set = (nextTerms: readonly string[], nextDraft: string, pause = 0) => {
    const asked = askable(nextDraft);
    const next = filterOf([...nextTerms, ...(asked === '' ? [] : [asked])]);
    setMarked(-1);
    setParts({ sent: [...sent.slice(-REMEMBERED), filter, next], terms: nextTerms, draft: nextDraft });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change(next), pause);
  };
  const commit = () => {
    if (draft.trim() !== '') set([...terms, ...termsOf(draft)], '');
  };
  const choose = (text: string) => {
    const next = completed(draft, typing, text);
    // A field alone is no term yet: its value comes next.
    if (typing.field === null) set(terms, next);
    else set([...terms, ...termsOf(next)], '');
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const suggestion = shown ? suggestions[marked] : undefined;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setMarked((marked + step + suggestions.length) % Math.max(1, suggestions.length));
    } else if ((event.key === 'Enter' || event.key === 'Tab') && suggestion !== undefined) {
      event.preventDefault();
      choose(suggestion.text);
    } else if (event.key === 'Enter') {
      commit();
      typed.over();
      setOpen(false);
    } else if (event.key === 'Escape') {
      if (shown) setOpen(false);
      else field.current?.blur();
    } else if (event.key === 'Backspace' && draft === '') {
      const last = terms.at(-1);
      if (last !== undefined) {
        event.preventDefault();
        set(terms.slice(0, -1), last);
      }
    }
  };

  return (
    <search className="filter">
      <div className="filter-bar" data-bad={(problem !== null && !typed.lately) || undefined}>
        <Icon name="search" size={14} />
        {terms.map((term, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same term may be there twice, and chips hold no state
          <span key={`${at} ${term}`} className="chip">
            <button type="button" className="chip-text" onClick={() => set(without(terms, at), term)} title="Change">
              {term}
            </button>
            <button
              type="button"
              className="chip-remove"
              aria-label={`Remove ${term}`}
              onClick={() => set(without(terms, at), draft)}
            >
              <Icon name="cross" size={10} />
            </button>
          </span>
        ))}
        <input
          ref={field}
          data-page-filter
          role="combobox"
          aria-label="Filter"
          aria-expanded={shown}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={shown && marked >= 0 ? `${list}-${marked}` : undefined}
          placeholder={terms.length === 0 ? 'state:FAILURE and runtime:>5s, or any word of a name, id or error' : ''}
          autoComplete="off"
          spellCheck={false}
          value={draft}
          onChange={(event) => {
            setOpen(true);
            typed.now();
            set(terms, event.target.value, PAUSE_MS);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => {
            typed.over();
            setOpen(false);
          }}
          onKeyDown={onKeyDown}
        />
        {filter !== '' && (
          <button type="button" className="icon-button" aria-label="Remove the filter" onClick={() => set([], '')}>
            <Icon name="cross" size={12} />
          </button>
        )}
      </div>
      <div id={list} role="listbox" aria-label="Suggestions" className="suggestions" hidden={!shown}>
        {shown &&
          suggestions.map((suggestion, at) => (
            <div
              key={suggestion.text}
              id={`${list}-${at}`}
              role="option"
              tabIndex={-1}
              aria-selected={at === marked}
              className="palette-choice"
              // Before the field loses the focus, which closes the list.
              onMouseDown={(event) => {
                event.preventDefault();
                choose(suggestion.text);
              }}
            >
              <span className="mono">{suggestion.text}</span>
              <span className="hint">{suggestion.hint}</span>
            </div>
          ))}
      </div>
      {problem !== null && !typed.lately && <FilterProblem filter={filter} problem={problem} />}
    </search>
  );
}

/** Whether somebody is typing, or has just been. */
function useTyped() {
  const [lately, setLately] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const over = () => {
    clearTimeout(timer.current);
    setLately(false);
  };
  const now = () => {
    clearTimeout(timer.current);
    setLately(true);
    timer.current = setTimeout(over, PROBLEM_AFTER_MS);
  };
  return { lately, now, over };
}

function without(terms: readonly string[], at: number): readonly string[] {
  return terms.filter((_, index) => index !== at);
}
